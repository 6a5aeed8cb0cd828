#!/usr/bin/env bash
# A Slurm cluster on this machine, for tests: a controller and NODES nodes, each a machine of its own
# as far as Slurm can see, with a host name, processes and a network, but with one disk.
#
#   unshare --net --pid --mount --uts --fork --kill-child --mount-proc bash slurm_cluster.sh FOLDER NODES
#
# Says "ready", and lives until its standard input ends. It is the first process of its namespace, so
# that nothing of the cluster outlives it. The network and its names are gone with it, too.
set -euo pipefail

folder=$1 nodes=$2
export SLURM_CONF=$folder/slurm.conf
mkdir -p "$folder"/{munge,state,log,spool}
chmod 711 "$folder" "$folder/munge"
hostname controller

# The controller and a bridge are at 10.0.0.100, node K is at 10.0.0.K, at the other end of cable$K.
{
  echo '127.0.0.1 localhost'
  echo '10.0.0.100 controller'
  for ((k = 1; k <= nodes; k++)); do echo "10.0.0.$k n$k"; done
} >"$folder/hosts"
mount --bind "$folder/hosts" /etc/hosts
ip link set lo up
ip link add bridge type bridge
ip addr add 10.0.0.100/24 dev bridge
ip link set bridge up

(umask 077 && head -c 1024 /dev/urandom >"$folder/munge/key")
# No cgroups, no accounting, one job at a time on a node, and a lost node is noticed soon.
{
  cat <<CONF
ClusterName=test
SlurmctldHost=controller(10.0.0.100)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$folder/munge/socket,cred_expire=5
StateSaveLocation=$folder/state
SlurmctldPidFile=$folder/slurmctld.pid
SlurmctldLogFile=$folder/log/slurmctld
SlurmdSpoolDir=$folder/spool/%n
SlurmdPidFile=$folder/slurmd-%n.pid
SlurmdLogFile=$folder/log/slurmd-%n
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SlurmdParameters=config_overrides
MpiDefault=none
SchedulerParameters=sched_interval=2,bf_interval=2,batch_sched_delay=1
ReturnToService=2
SlurmdTimeout=6
KillWait=5
MinJobAge=3600
CONF
  for ((k = 1; k <= nodes; k++)); do
    echo "NodeName=n$k NodeAddr=10.0.0.$k CPUs=1 RealMemory=4000"
  done
  echo "PartitionName=all Nodes=n[1-$nodes] Default=YES MaxTime=INFINITE State=UP"
} >"$SLURM_CONF"

# Waits up to 20 seconds for a command to succeed.
await() {
  local i
  for ((i = 0; i < 100; i++)); do
    if "$@" >/dev/null 2>&1; then return; fi
    sleep 0.2
  done
  echo "waited in vain: $*" >&2
  tail -n 5 "$folder"/log/* >&2
  return 1
}
all_idle() {
  [ "$(sinfo -h -N -t idle -o %N | sort -u | wc -l)" = "$nodes" ]
}

munged --foreground --force --key-file="$folder/munge/key" --socket="$folder/munge/socket" \
  --pid-file="$folder/munge/pid" --log-file="$folder/log/munged" --seed-file="$folder/munge/seed" \
  >/dev/null 2>&1 </dev/null &
await munge -S "$folder/munge/socket" -n
slurmctld -D >/dev/null 2>&1 </dev/null &
for ((k = 1; k <= nodes; k++)); do
  # shellcheck disable=SC2016
  unshare --net --pid --mount --uts --fork --kill-child --mount-proc sh -c '
    until ip link show eth0; do sleep 0.05; done
    ip link set lo up && ip addr add "10.0.0.$1/24" dev eth0 && ip link set eth0 up
    hostname "n$1" && exec slurmd -D -f "$2" -N "n$1"
  ' sh "$k" "$SLURM_CONF" >"$folder/log/n$k" 2>&1 </dev/null &
  node=$!
  # The namespaces of the node are there once it has another network than this one.
  await eval "[ \"\$(readlink /proc/$node/ns/net)\" != \"\$(readlink /proc/self/ns/net)\" ]"
  ip link add "cable$k" type veth peer name eth0 netns "$node"
  ip link set "cable$k" master bridge up
done
await all_idle
echo ready
cat >/dev/null
