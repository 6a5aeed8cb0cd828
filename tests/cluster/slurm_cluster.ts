/**
 * A Slurm cluster on this machine (`slurm_cluster.sh`), whose nodes can be killed and cut off.
 *
 * @module
 */
import { filePath } from "../helpers/cli.ts";
import { missingNote, run, type ToolResult } from "../helpers/tools.ts";
import { must } from "./program.ts";

/** The programs that a cluster needs. */
const TOOLS = ["slurmctld", "slurmd", "sbatch", "munged", "ip", "unshare", "nsenter"];

/** Why there can be no cluster here, to end a test's name with; empty if there can. */
export function noClusterNote(...more: string[]): string {
  return Deno.uid() === 0 ? missingNote(...TOOLS, ...more) : " (ignored: it needs root)";
}

/** What the namespaces of the cluster are, as `unshare` and `nsenter` say it. */
const NAMESPACES = ["--net", "--pid", "--mount", "--uts"];

/** A process, as this machine sees it. */
export interface Process {
  pid: number;
  args: string[];
  /** Its namespace of processes, by which the processes of a node are known. */
  space: string;
}

/** Nodes `n1`, `n2`, ... with one core each. All of it ends with the block that declares it. */
export class SlurmCluster implements AsyncDisposable {
  private constructor(readonly folder: string, private readonly outer: Deno.ChildProcess) {}

  static async start(folder: string, nodes = 2): Promise<SlurmCluster> {
    await Deno.mkdir(folder);
    const script = filePath("tests/cluster/slurm_cluster.sh");
    const outer = new Deno.Command("unshare", {
      args: [
        ...[...NAMESPACES, "--fork", "--kill-child", "--mount-proc"],
        ...["bash", script, folder, String(nodes)],
      ],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    const cluster = new SlurmCluster(folder, outer);
    const { value } = await outer.stdout.pipeThrough(new TextDecoderStream()).getReader().read();
    if (value === "ready\n") return cluster;
    await cluster[Symbol.asyncDispose]();
    throw new Error("the cluster did not start");
  }

  /** Ends the first process of the cluster, and so all of them. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.outer.stdin.close();
    await this.outer.status;
  }

  /** Runs a command on the controller, like a user who is logged in there. */
  run(folder: string, command: string[], env: Record<string, string> = {}): Promise<ToolResult> {
    const { cmd, args } = this.#entered(folder, command);
    return run(cmd, args, "", { env: { ...env, SLURM_CONF: `${this.folder}/slurm.conf` } });
  }

  #entered(folder: string, command: string[]) {
    const children = `/proc/${this.outer.pid}/task/${this.outer.pid}/children`;
    const first = Deno.readTextFileSync(children).trim();
    const args = ["--target", first, ...NAMESPACES, "env", "-C", folder, ...command];
    return { cmd: "nsenter", args };
  }

  /** Asks or tells the controller something; it has to succeed. */
  async control(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run("/", ["scontrol", ...args]);
    if (code !== 0) throw new Error(`scontrol ${args.join(" ")}: ${stderr}`);
    return stdout;
  }

  /** What `scontrol show job` says of a job, by field. */
  async job(id: string): Promise<Record<string, string>> {
    const [line] = (await this.control("show", "job", "-o", id)).split("\n");
    return Object.fromEntries(line.split(" ").map((field) => field.split(/=(.*)/).slice(0, 2)));
  }

  /** The processes on a node. */
  processes(node: string): Process[] {
    const all = processes(), { space } = this.#daemon(all, node);
    return all.filter((process) => process.space === space);
  }

  #daemon(all: Process[], node: string): Process {
    const daemon = all.find(({ args }) =>
      args[0] === "slurmd" && args.at(-1) === node && args.includes(`${this.folder}/slurm.conf`)
    );
    if (!daemon) throw new Error(`${node} is not up`);
    return daemon;
  }

  /** Takes a node away, like a loss of power: its first process, and all others with it. */
  kill(node: string): void {
    Deno.kill(this.#daemon(processes(), node).pid, "SIGKILL");
  }

  /** Cuts a node off from the network; what runs there goes on. */
  async cutOff(node: string): Promise<void> {
    const cable = `cable${node.slice(1)}`;
    await must("nsenter", [
      "--target",
      `${this.outer.pid}`,
      "--net",
      "ip",
      "link",
      "set",
      cable,
      "down",
    ]);
  }
}

/** Lists the processes of this machine. */
export function processes(): Process[] {
  const found: Process[] = [];
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const args = Deno.readTextFileSync(`/proc/${name}/cmdline`).split("\0").slice(0, -1);
      const space = Deno.readLinkSync(`/proc/${name}/ns/pid`);
      if (args.length > 0) found.push({ pid: Number(name), args, space });
    } catch {
      // It has ended meanwhile.
    }
  }
  return found;
}
