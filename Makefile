# Two commands do everything on a fresh Debian machine with a Swift toolchain: make demo, make test.

LIPCERT := .build/release/lipcert
DEMO := demo

.PHONY: demo quickstart radii sdplib estimators published test setup build benchmark lint docs schema clean

demo: build
	$(LIPCERT) run problems/quickstart.yaml --out $(DEMO)
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ] && command -v xdg-open > /dev/null; then xdg-open $(DEMO)/index.html; fi

# The committed reports of the studies.
quickstart: build
	$(LIPCERT) run problems/quickstart.yaml --out reports/quickstart

radii: build
	$(LIPCERT) run problems/radii.yaml --out reports/radii

sdplib: build
	@problems/sdplib.sh $(LIPCERT) reports/sdplib

estimators: build
	$(LIPCERT) run problems/estimators.yaml --out reports/estimators

# Hours on all networks; it resumes. For example: make published PUBLISHED="--only arobey1 --time-limit 20".
published: setup
	@problems/published.sh reports/published $(PUBLISHED)

test: setup
	swift build --build-tests
	swift test --skip-build

setup:
	@Scripts/setup.sh

build: setup
	@echo "building in release mode (the first build also compiles the dependencies: a few minutes)"
	swift build -c release --product lipcert

benchmark: setup
	swift run -c release --package-path Benchmarks benchmarks

lint:
	swift format lint --strict --recursive Sources Tests Benchmarks/Sources Examples/Sources Package.swift Examples/Package.swift

docs:
	Scripts/docs.sh

# After every change of a study's keys.
schema: build
	$(LIPCERT) run --schema > problems/study.schema.json

clean:
	rm -rf .build Benchmarks/.build Examples/.build $(DEMO)
