#!/usr/bin/env python3
"""A link with a delay in front of a cluster: slow_link.py KUBECONFIG MILLISECONDS OUT

Listens on a loopback port, hands every byte on to the API server after half the delay each way, writes to OUT a copy of KUBECONFIG that
points at itself, prints "ready" and runs until it is ended.
"""
import asyncio
import re
import sys

kubeconfig, delay, out = sys.argv[1], float(sys.argv[2]) / 2000, sys.argv[3]
text = open(kubeconfig).read()
host, port = re.search(r"server: https://([^:/]+):(\d+)", text).groups()


async def carry(reader, writer):
    """Every piece leaves as long after it came as the way is; pieces do not wait for one another."""
    loop = asyncio.get_running_loop()
    queue = asyncio.Queue()

    async def deliver():
        while True:
            at, piece = await queue.get()
            await asyncio.sleep(max(0, at - loop.time()))
            if not piece:
                writer.close()
                return
            writer.write(piece)
            await writer.drain()

    delivering = asyncio.create_task(deliver())
    try:
        while piece := await reader.read(65536):
            queue.put_nowait((loop.time() + delay, piece))
    except ConnectionError:
        pass
    queue.put_nowait((loop.time() + delay, b""))
    await asyncio.gather(delivering, return_exceptions=True)


async def one(reader, writer):
    there = await asyncio.open_connection(host, int(port))
    # A connection takes a round trip as well.
    await asyncio.sleep(2 * delay)
    await asyncio.gather(carry(reader, there[1]), carry(there[0], writer), return_exceptions=True)


async def main():
    server = await asyncio.start_server(one, "127.0.0.1", 0)
    mine = server.sockets[0].getsockname()[1]
    with open(out, "w") as copy:
        copy.write(re.sub(r"(server: https://)[^\s]+", rf"\g<1>127.0.0.1:{mine}", text))
    print("ready", flush=True)
    await server.serve_forever()


asyncio.run(main())
