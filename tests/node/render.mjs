// Reads a JSON list of {label, message, color, style} and writes badge-maker's SVGs as a JSON list.
import { makeBadge } from "badge-maker";
import { readFileSync, writeFileSync } from "node:fs";

const asked = JSON.parse(readFileSync(0, "utf8"));
writeFileSync(1, JSON.stringify(asked.map((badge) => makeBadge(badge))));
