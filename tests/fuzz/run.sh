#!/usr/bin/env bash
# Runs the fuzz targets built in FOLDER: run.sh FOLDER [NAME [SECONDS]]. What a target finds is
# kept in FOLDER/NAME/; a finding that is fixed goes into tests/fuzz/corpus/NAME/.
set -euo pipefail
cd "$(dirname "$0")/../.."
folder=$1 only=${2:-} seconds=${3:-60}
status=0
for target in "$folder"/tests/fuzz/fuzz_* "$folder"/fuzz_*; do
  [ -x "$target" ] && [ -f "$target" ] || continue
  name=$(basename "$target")
  name=${name#fuzz_}
  [ -z "$only" ] || [ "$only" = "$name" ] || continue
  mkdir -p "$folder/$name"
  seeds=()
  for seed in "tests/fuzz/corpus/$name" samples/reports; do [ ! -d "$seed" ] || seeds+=("$seed"); done
  echo "== $name, $seconds s"
  "$target" -max_total_time="$seconds" -max_len=65536 -timeout=20 -rss_limit_mb=4096 \
    -print_final_stats=1 -artifact_prefix="$folder/$name/finding-" "$folder/$name" "${seeds[@]}" 2>&1 | tail -8 || status=1
done
exit $status
