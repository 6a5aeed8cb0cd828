#!/usr/bin/env bash
# Tells Snakemake what became of a job of Slurm: `snakemake --cluster-status status.sh`. It asks
# scontrol, as sacct fails where accounting is off.
#
# A job of a lost node is queued again, so NODE_FAIL and REQUEUED are no ends. No answer may mean that
# the controller is busy; after 10 minutes without one the job counts as failed. The time of the first
# empty answer is in a file for each job, below the folder that Snakemake works in.
set -u

PATIENCE=600
job=${1%%;*}
folder=.snakemake/cluster-status since=$folder/$job

state=$(timeout 60 scontrol show job "$job" 2>/dev/null | sed -n 's/^ *JobState=\([A-Z_]*\).*/\1/p')
if [ -n "$state" ]; then
  rm -f -- "$since"
  case $state in
    COMPLETED) echo success ;;
    BOOT_FAIL | CANCELLED | DEADLINE | FAILED | OUT_OF_MEMORY | PREEMPTED | REVOKED | TIMEOUT)
      echo failed
      ;;
    *) echo running ;;
  esac
  exit
fi

now=$(date +%s)
# ln fails if the file is there, so that the first of several callers sets the time.
mkdir -p -- "$folder"
mine=$(mktemp "$since.XXXXXX") && echo "$now" >"$mine"
ln -- "$mine" "$since" 2>/dev/null
rm -f -- "$mine"
if first=$(cat -- "$since") && [ $((now - first)) -lt "$PATIENCE" ]; then
  echo running
else
  rm -f -- "$since"
  echo failed
fi
