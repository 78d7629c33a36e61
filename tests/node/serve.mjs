// A badge server as small as can be behind Node: badge-maker for every request, an ETag, 304.
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import { makeBadge } from "badge-maker";

const server = createServer((request, response) => {
  const svg = makeBadge({ label: "lint", message: "9.42/10", color: "green" });
  const tag = `"${createHash("sha256").update(svg).digest("hex").slice(0, 20)}"`;
  const headers = { "Cache-Control": "no-cache, max-age=0", ETag: tag };
  if (request.headers["if-none-match"] === tag) {
    response.writeHead(304, headers).end();
  } else {
    headers["Content-Type"] = "image/svg+xml; charset=utf-8";
    headers["Content-Length"] = Buffer.byteLength(svg);
    response.writeHead(200, headers).end(svg);
  }
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
