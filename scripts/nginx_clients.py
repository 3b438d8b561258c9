"""200 clients of different addresses, each with a request that is not finished until all have begun; see nginx-clients.sh."""

import asyncio
import os
import sys

PORT, GATEWAY, EXPECTED = (int(argument) for argument in sys.argv[1:])
COUNT = 200
BODY = b'{"query":"{ me { id } }"}'
HEAD = b"POST /graphql HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\n"


def open_files() -> int:
    return len(os.listdir(f"/proc/{GATEWAY}/fd"))


async def begin(number: int):
    for _ in range(100):
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", PORT, local_addr=(f"127.0.1.{number}", 0))
            break
        except ConnectionRefusedError:
            await asyncio.sleep(0.1)
    writer.write(HEAD + b"content-length: %d\r\n\r\n" % len(BODY) + BODY[:10])
    await writer.drain()
    return reader, writer


async def end(reader, writer) -> int:
    try:
        writer.write(BODY[10:])
        await writer.drain()
        answer = await reader.read()
    except ConnectionError:
        return 0
    writer.close()
    return int(answer.split(b" ", 2)[1]) if answer else 0


async def main() -> None:
    before = open_files()
    clients = [await begin(number) for number in range(1, COUNT + 1)]
    for _ in range(100):
        if open_files() >= before + EXPECTED:
            break
        await asyncio.sleep(0.05)
    await asyncio.sleep(0.2)
    held = open_files() - before
    statuses = await asyncio.gather(*(end(*client) for client in clients))
    answered = statuses.count(200)
    print(f"{answered} of {COUNT} clients through nginx were answered, over {held} connections at once")
    if answered != EXPECTED:
        sys.exit(f"{EXPECTED} should be: {sorted(set(statuses))}")


asyncio.run(main())
