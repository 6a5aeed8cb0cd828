/**
 * Reads arguments that users of bcftools are used to, and names what is called otherwise here.
 *
 * @module
 */
import { UsageError } from "../base/errors.ts";

/** Options of `bcftools view` that `convert` does not have, and what to do instead. */
const OTHERWISE: Readonly<Record<string, string>> = {
  "-l": "the level is --compression-level here",
  "-t": "regions are -r here; there are no targets",
  "--targets": "regions are --regions here; there are no targets",
  "-T": "files of regions are -R here; there are no targets",
  "--targets-file": "files of regions are --regions-file here; there are no targets",
  "-m": "write --min-alleles, REF included",
  "-M": "write --max-alleles, REF included",
  "-v": "write --snps-only; pipe into bcftools view -v for other types",
  "--types": "write --snps-only; pipe into bcftools view --types for other types",
  "-c": "write --variants-only for -c 1; pipe into bcftools view -c for other counts",
  "--min-ac": "write --variants-only for 1; pipe into bcftools view --min-ac for other counts",
  "-a": "it is not needed: ALT has the alleles that the chosen samples carry, and no others",
  "--trim-alt-alleles":
    "it is not needed: ALT has the alleles that the chosen samples carry, and no others",
  "-I": "INFO is written only with --info",
  "--force-samples": "an unknown sample is an error; leave it out of the list",
  "--regions-overlap": "records that overlap a region are written, as with bcftools' 1",
  "-u": "plain BCF is -O u here",
};

/** Options of `bcftools view` that are left to it. */
const LEFT_TO_BCFTOOLS = "-G -h -H -i -e -f -g -k -n -p -P -q -Q -C -U -V -x -X --drop-genotypes " +
  "--header-only --no-header --include --exclude --apply-filters --genotype --known --novel " +
  "--phased --exclude-phased --min-af --max-af --max-ac --uncalled --exclude-uncalled " +
  "--exclude-types --private --exclude-private";

/** Writes what commander has to say of a wrong command line, with what the option is called here. */
export function bcftoolsHint(text: string, write: (text: string) => void): void {
  const [, flag] = /unknown option '(--?[A-Za-z-]+)/.exec(text) ?? [];
  const left = flag !== undefined && LEFT_TO_BCFTOOLS.split(" ").includes(flag);
  const hint = Object.hasOwn(OTHERWISE, flag ?? "")
    ? OTHERWISE[flag]
    : left
    ? `it is left to bcftools: -o - | bcftools view ${flag} ...`
    : undefined;
  if (hint !== undefined) return write(`error: unknown option '${flag}': ${hint}\n`);
  if (!text.includes("too many arguments")) return write(text);
  write(`${text.trimEnd()} Regions are given with -r, samples with -s.\n`);
}

/**
 * Returns arguments in which the flag of the index has its value with it: as in bcftools, the
 * argument after `-W` is none of its own, and `-W=csi` and `-Wcsi` are one.
 *
 * @throws {UsageError} A value that stands apart.
 */
export function withIndexKind(args: readonly string[]): string[] {
  const end = args.includes("--") ? args.indexOf("--") : args.length;
  return args.map((arg, at) => {
    const [, kind] = at < end ? /^(?:-W=?|--write-index(?:=|$))(.*)$/.exec(arg) ?? [] : [];
    if (kind === undefined) return arg;
    if (kind === "" && /^(tbi|csi)$/.test(args[at + 1] ?? "")) {
      throw new UsageError(`the kind of an index stands with its flag: ${arg}=${args[at + 1]}`);
    }
    return `--write-index=${kind || "auto"}`;
  });
}
