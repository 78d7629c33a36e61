"""Deliveries in: what an event asks for (pure) and how it becomes durable."""
