"""Times markdownify on the storage documents, in the form that the native half prints.

python3 speed.py DOCUMENTS ROUNDS

Time is the processor's, so that other programs on the machine do not count.
"""

import json
import pathlib
import sys
import time

from markdownify import markdownify

documents, rounds = pathlib.Path(sys.argv[1]), int(sys.argv[2])
BATCH_SECONDS = 0.02
results = []
for file in sorted(documents.glob("storage-*.xml")):
    text = file.read_text(encoding="utf-8")
    started = time.process_time()
    output = len(markdownify(text).encode())
    batch = max(1, round(BATCH_SECONDS / (time.process_time() - started)))
    speeds = []
    for _ in range(rounds):
        started = time.process_time()
        for _ in range(batch):
            markdownify(text)
        seconds = time.process_time() - started
        speeds.append(len(text.encode()) * batch / seconds / 1e6)
    results.append(
        {
            "document": file.stem,
            "contender": "markdownify",
            "bytes": len(text.encode()),
            "output": output,
            "megabytes_per_second": speeds,
        }
    )
print(json.dumps(results))
