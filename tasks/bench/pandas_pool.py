"""The pipeline this project replaces: pandas and Pool.map(matrix_to_vcf), a data frame a chromosome.

Usage: python3 pandas_pool.py matrix.tsv out.vcf
"""

import os
import sys
from multiprocessing import Pool

import pandas as pd

FIXED = ["CHROM", "POS", "REF"]
META = """##fileformat=VCFv4.2
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
"""


def pair_columns(header):
    """Sample name to its one or two haplotype columns, in the order of the first one."""
    pairs = {}
    for name in header:
        if name in FIXED:
            continue
        stem = name[:-1]
        if name[-1] in "ab" and stem + "a" in header and stem + "b" in header:
            pairs[stem] = [stem + "a", stem + "b"]
        else:
            pairs[name] = [name]
    return pairs


def alleles_to_genotypes(ref, alleles):
    """ALT, and the index of every allele, for one site."""
    codes = {".": ".", ref: "0"}
    for allele in alleles:
        if allele not in codes:
            codes[allele] = str(len(codes) - 1)
    alts = list(codes)[2:]
    return ",".join(alts) or ".", [codes[allele] for allele in alleles]


def matrix_to_vcf(matrix_df):
    """The VCF columns of one chromosome."""
    pairs = pair_columns(list(matrix_df.columns))
    haplotypes = [column for columns in pairs.values() for column in columns]
    sites = [
        alleles_to_genotypes(row[0], row[1:])
        for row in matrix_df[["REF"] + haplotypes].itertuples(index=False, name=None)
    ]
    codes = pd.DataFrame([site[1] for site in sites], columns=haplotypes, index=matrix_df.index)
    vcf = {"#CHROM": matrix_df["CHROM"], "POS": matrix_df["POS"], "ID": ".", "REF": matrix_df["REF"]}
    vcf["ALT"] = [site[0] for site in sites]
    vcf.update({"QUAL": ".", "FILTER": ".", "INFO": ".", "FORMAT": "GT"})
    for sample, columns in pairs.items():
        vcf[sample] = codes[columns[0]]
        for other in columns[1:]:
            vcf[sample] = vcf[sample] + "|" + codes[other]
    return pd.DataFrame(vcf)


def main():
    matrix, output = sys.argv[1:]
    with open(matrix) as file:
        header = file.readline().rstrip("\n").split("\t")
    matrix_df = pd.read_csv(matrix, sep="\t", names=header, skiprows=1)
    by_chromosome = dict(tuple(matrix_df.groupby("CHROM", sort=False)))
    del matrix_df
    with Pool(os.cpu_count()) as pool:
        results = pool.map(matrix_to_vcf, list(by_chromosome.values()))
    with open(output, "w") as file:
        file.write(META)
        pd.concat(results).to_csv(file, sep="\t", index=False)


if __name__ == "__main__":
    main()
