/**
 * The version, from the one place that has it.
 *
 * @module
 */
import config from "../../deno.json" with { type: "json" };

/** Version of this program, as in deno.json. */
export const VERSION: string = config.version;
