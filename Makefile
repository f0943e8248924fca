# make run: set up and open the page.  make test: set up and run all tests.  make lint: style and types.
# make coverage: all tests, and which lines and branches they reach; fails where these are too few.
# make bench: every shipped network in one table: bytes, milliseconds on this machine, likeness.
# make oldest: the quick tests with the oldest versions that requirements.txt allows.

PYTHON ?= python3
BIN := .venv/bin
RUN := python -m
export GRADIO_ANALYTICS_ENABLED = False
export HF_HUB_OFFLINE ?= 1
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: run test coverage oldest lint bench programs clean

run: .venv/run.done
	$(BIN)/python app.py --host 127.0.0.1 --open

# Two at a time, each with a core: they wait for browsers and servers as much as they compute.
test: .venv/dev.done programs
	OMP_NUM_THREADS=1 $(BIN)/$(RUN) pytest -n 2 --dist loadfile --max-worker-restart 2

# Percent of lines and branches that tests must reach: with the shared photos, and without them.
FLOOR := $(if $(wildcard ../shared/data),95,85)
coverage:
	$(MAKE) test RUN="coverage run -m"
	$(BIN)/coverage combine -q
	$(BIN)/coverage report --fail-under=$(FLOOR)

# Except for PyTorch, whose older versions come with several gigabytes of CUDA. What they need in turn is as in constraints.txt.
OLDEST := alpha deep faithful imports lanczos matlab nets output photo presets protect report size space weights
oldest:
	rm -rf .oldest && $(PYTHON) -m venv .oldest
	sed -n '/^torch/!s/>=\([^,]*\),.*/==\1/p' requirements.txt > .oldest/lowest.txt
	sed 's/==.*/==/' .oldest/lowest.txt | grep -v -i -f - constraints.txt > .oldest/others.txt
	.oldest/bin/pip install -q -r requirements.txt -r .oldest/lowest.txt pytest pytest-xdist scikit-image -c .oldest/others.txt
	OMP_NUM_THREADS=1 .oldest/bin/python -m pytest -p no:cacheprovider -W default -n 2 $(OLDEST:%=tests/test_%.py)
	rm -rf .oldest

lint: .venv/dev.done
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright

bench: .venv/run.done
	$(BIN)/python -m sr_models.training.speed

.venv/bin/python:
	$(PYTHON) -c "import sys; sys.exit('Python 3.11 or newer is needed') if sys.version_info < (3, 11) else None"
	$(PYTHON) -m venv .venv

.venv/run.done: .venv/bin/python requirements.txt constraints.txt
	$(BIN)/pip install -q -r requirements.txt -c constraints.txt
	touch $@

.venv/dev.done: .venv/run.done requirements-dev.txt
	$(BIN)/pip install -q -r requirements-dev.txt -c constraints.txt
	touch $@

# Debian's Chromium for the browser tests, Tesseract to read what was enlarged; where they cannot be installed these tests are skipped and say so.
programs:
	@{ { command -v chromium || command -v chromium-browser; } && command -v tesseract; } >/dev/null || (apt-get update -qq && apt-get install -y -qq chromium tesseract-ocr fonts-dejavu-core) \
	|| echo "Chromium or Tesseract is missing: their tests will be skipped."

clean:
	rm -rf .venv .oldest .pytest_cache .ruff_cache build *.egg-info
