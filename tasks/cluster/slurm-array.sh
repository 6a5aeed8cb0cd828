#!/usr/bin/env bash
# Converts one matrix on a Slurm cluster: cuts it into N shards, converts them as one array, and
# gathers them when all are done.
#
#   slurm-array.sh MATRIX N OUTPUT [OPTION of scatter ...]
#   slurm-array.sh matrix.tsv 16 matrix.vcf.gz --info all
#
# The plan, the shards and the logs lie in OUTPUT.run, on a disk that all nodes see. After a failure
# run the same command again: shards that are done end at once.
#
# THREADS (4) and MEMORY (4096, in MB) are what a job gets; TRIES (3) is how often it may start, lost
# nodes included. MATRIX2VCF names the program if it is not on the PATH. All else is said to sbatch by
# its own variables: SBATCH_PARTITION, SBATCH_ACCOUNT, SBATCH_TIMELIMIT.
set -eu

if [ $# -lt 3 ]; then
  echo "usage: ${0##*/} MATRIX N OUTPUT [OPTION of scatter ...]" >&2
  exit 2
fi
matrix=$1 n=$2 output=$(realpath -m -- "$3")
shift 3

program=$(command -v -- "${MATRIX2VCF:-matrix2vcf}") || {
  echo "error: ${MATRIX2VCF:-matrix2vcf} is not there; put it on the PATH or name it by MATRIX2VCF" >&2
  exit 2
}
program=$(realpath -s -- "$program")
job=$(realpath -- "$(dirname -- "$0")")/slurm-job.sh
threads=${THREADS:-4} memory=${MEMORY:-4096} tries=${TRIES:-3}
run=$output.run
case $output in *.gz | *.bgz) type=z ;; *.bcf) type=b ;; *) type=v ;; esac

mkdir -p -- "$run/log"
"$program" scatter "$matrix" -n "$n" -o "$run/plan.json" -O "$type" "$@" >/dev/null

# The folder of the job and not --output has the path, as a % in --output means something. A job that
# starts again would overwrite its log without --open-mode.
submit() {
  sbatch --parsable --requeue --open-mode=append --chdir="$run" --cpus-per-task="$threads" \
    --mem="${memory}M" "$@"
}
# Slurm counts all memory of a task, and --memory most of it.
array=$(submit --job-name=shard --array="0-$((n - 1))" --output=log/shard-%a.log "$job" "$tries" \
  "$program" shard --threads "$threads" --memory "$((memory * 3 / 4))MiB" --quiet "$run/plan.json")
array=${array%%;*}
gather=$(submit --job-name=gather --dependency="afterok:$array" --kill-on-invalid-dep=yes \
  --output=log/gather.log "$job" "$tries" \
  "$program" gather "$run/plan.json" -o "$output" --wait 60)
echo "shards: job $array, gather: job ${gather%%;*}, logs: $run/log"
