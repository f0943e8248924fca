"""545 odd, broken and malicious files: each is enlarged or refused in words, in a process of its own whose memory is measured."""

import json
import subprocess
import sys
from pathlib import Path

from conftest import shared

RUN = """
import json, resource, signal, sys
from pathlib import Path
import sr_models

report = {"enlarged": 0, "refused": 0, "wrong": []}
for file in sorted(path for path in Path(sys.argv[1]).rglob("*") if path.is_file()):
    signal.alarm(600)  # a file that hangs ends the process: one takes less than a second where nothing else runs
    try:
        photo = sr_models.read(file)
        if photo.rgb.size <= 6_000_000:
            model = "cnn-fast" if photo.rgb.size < 30_000 else "bicubic"  # what a file can break has been read by now
            assert sr_models.upscale(photo, scale=2, model=model).photo.size == (photo.size[0] * 2, photo.size[1] * 2)
        report["enlarged"] += 1
    except sr_models.UpscaleError as refusal:
        report["refused"] += 1
        if file.name not in str(refusal) or str(file.parent) in str(refusal):
            report["wrong"].append(str(refusal))
    except Exception as crash:
        report["wrong"].append(f"{file.name}: {crash!r}")
signal.alarm(0)
report["megabytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps(report))
"""


def test_every_hostile_file_is_enlarged_or_refused_in_words():
    folder = shared("hostile")
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", RUN, str(folder)], cwd=Path(__file__).parents[1], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-2000:]
    report = json.loads(done.stdout)
    assert report["wrong"] == []
    assert report["enlarged"] > 300
    assert report["refused"] > 100
    assert report["megabytes"] < 2048
