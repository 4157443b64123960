"""The least a file server can do, as the measure for large files: bytes to disk and back.

Takes PUT (written to a temporary file, synced, renamed, directory synced) and GET (sendfile) on the
loopback. Prints its port. plain_copy.py DIRECTORY
"""

import http.server
import os
import sys
from pathlib import Path

PIECE = 1 << 20
ROOT = Path(sys.argv[1])


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    rbufsize = PIECE

    def do_PUT(self) -> None:
        left = int(self.headers["Content-Length"])
        buffer = memoryview(bytearray(PIECE))
        with (ROOT / "copy.part").open("wb", buffering=0) as file:
            while left > 0:
                count = self.rfile.readinto(buffer[: min(PIECE, left)])
                if count == 0:
                    return
                file.write(buffer[:count])
                left -= count
            os.fsync(file.fileno())
        os.replace(ROOT / "copy.part", ROOT / "copy")
        directory = os.open(ROOT, os.O_RDONLY)
        os.fsync(directory)
        os.close(directory)
        self.answer(0)

    def do_GET(self) -> None:
        with (ROOT / "copy").open("rb") as file:
            self.answer(os.fstat(file.fileno()).st_size)
            self.connection.sendfile(file)

    def answer(self, length: int) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(length))
        self.end_headers()
        self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:
        """Silent."""


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
