#!/usr/bin/env bash
# Runs the fuzz targets built in FOLDER: run.sh FOLDER [NAME|all [SECONDS]]; of all, $JOBS at a time.
#
# What a target learns is kept in FOLDER/fuzz/NAME, and what it finds in FOLDER/findings; a finding
# that is mended goes to tests/fuzz/corpus/NAME. Seeds are the samples, the findings of old and, read
# in place, the reports in PANICSCAN_CORPUS.
set -euo pipefail
cd "$(dirname "$0")/../.."
folder=$1 name=${2:-all} seconds=${3:-60}

if ! ls "$folder"/tests/fuzz/fuzz_* >/dev/null 2>&1; then
  echo "SKIPPED fuzz: the compiler has no libFuzzer"
  exit 0
fi
if [ "$name" = all ]; then
  for target in "$folder"/tests/fuzz/fuzz_*; do
    { [ -x "$target" ] && [ -f "$target" ]; } || continue
    echo "${target##*/fuzz_}"
  done | xargs -P "${JOBS:-2}" -I NAME "tests/fuzz/run.sh" "$folder" NAME "$seconds"
  exit
fi

# Folders of samples/reports and of PANICSCAN_CORPUS that hold what the target reads.
case $name in
  crash_*) folders="crash crashes" ;;
  kcdata) folders=kcdata ;;
  log | ioreg) folders=$name ;;
  panic_full) folders="iokit panics" ;;
  panic_text) folders="pasted panics" ;;
  container) folders="crash iokit ioreg log other pasted crashes kcdata" ;;
  *) folders= ;;
esac
seeds=()
[ ! -d "tests/fuzz/corpus/$name" ] || seeds+=("tests/fuzz/corpus/$name")
for root in samples/reports ${PANICSCAN_CORPUS:+"$PANICSCAN_CORPUS"}; do
  for seed in $folders; do [ ! -d "$root/$seed" ] || seeds+=("$root/$seed"); done
done
mkdir -p "$folder/fuzz/$name" "$folder/findings"
log="$folder/findings/$name.log"
if "$folder/tests/fuzz/fuzz_$name" -seed=1 -max_total_time="$seconds" -max_len=65536 -timeout=20 \
  -rss_limit_mb=2048 -print_final_stats=1 -artifact_prefix="$folder/findings/$name-" \
  "$folder/fuzz/$name" ${seeds[@]+"${seeds[@]}"} >"$log" 2>&1; then
  echo "fuzz $name: $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") inputs, no finding"
  rm "$log"
  exit 0
fi
grep -vE '^#[0-9]+[[:space:]]' "$log" | tail -60
echo "fuzz $name: FOUND something; the whole output is in $log"
sed -n 's/.*Test unit written to //p' "$log" | while read -r found; do
  echo "fuzz $name: again with: $folder/tests/fuzz/fuzz_$name $found"
done
exit 1
