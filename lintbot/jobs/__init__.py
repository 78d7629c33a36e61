"""The job engine, the only importer of dbos: queues, workflows, reaper."""
