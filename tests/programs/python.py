# SPDX-License-Identifier: MIT
"""Shares memory by multiprocessing.shared_memory, and does what it is told, a line each:
an expression in which `numbers`, `shm` and `items` are known; its value is the answer."""
import struct
import sys
from multiprocessing import shared_memory

tag = sys.argv[1]
shm = shared_memory.SharedMemory(tag, create=True, size=4096)
numbers = shm.buf.cast("q")
struct.pack_into("<4sId16s", shm.buf, 64, b"PKFS", 7, 2.5, "größer".encode())
items = shared_memory.ShareableList(
    [42, 2.5, True, "xiaoming", None, b"raw", -1], name=tag + "-list"
)
print("ready", flush=True)
for line in sys.stdin:
    if line == "exit\n":
        break
    print(eval(line), flush=True)
numbers.release()
for memory in (shm, items.shm):
    memory.close()
    memory.unlink()
