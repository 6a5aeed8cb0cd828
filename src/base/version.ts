/**
 * Takes the version from deno.json, the one place that has it.
 *
 * @module
 */
import config from "../../deno.json" with { type: "json" };

export const VERSION: string = config.version;
