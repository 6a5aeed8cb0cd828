#!/usr/bin/env bash
# A job of slurm-array.sh: runs a command, in an array with the number of the task behind it, and asks
# Slurm for another try if the machine failed. What fails by its input would fail again.
#
#   sbatch [--array=0-15] slurm-job.sh TRIES COMMAND [ARGUMENT ...]
set -eu

tries=$1 try=$((${SLURM_RESTART_COUNT:-0} + 1)) job=$SLURM_JOB_ID
shift
if [ -n "${SLURM_ARRAY_TASK_ID-}" ]; then
  # The last task's SLURM_JOB_ID is that of the array, by which all tasks would start again.
  job=${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID
  set -- "$@" "$SLURM_ARRAY_TASK_ID"
fi
say() {
  echo "$(date +%T) $job on ${SLURMD_NODENAME:-?}, try $try of $tries: $*"
}

say begins
"$@" &
child=$!
# Who ends the job (scancel, a time limit) wants no other try. Slurm tells the command, too, which then
# cleans up; a second SIGTERM would end it as it is.
trap 'wait "$child" || :; exit 143' TERM
status=0
wait "$child" || status=$?
say "exit code $status"
case $status in
  3 | 143)
    # A SIGTERM for the whole job may come here a moment after it ended the command.
    sleep 1
    [ "$try" -ge "$tries" ] || scontrol requeue "$job"
    ;;
esac
exit "$status"
