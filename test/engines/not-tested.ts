/** Says loudly what is passed over; where the servers must be there, it is a failure. */
export function notTested(what: string): void {
  if (process.env.REQUIRE_SERVERS) throw new Error(`NOT TESTED ${what}`);
  process.stderr.write(`NOT TESTED ${what}\n`);
}
