// Pridvor's public keys (RFC 7517): read where Pridvor shows them, kept for a while, looked up again for a new one.
const KEPT = 3600_000; // milliseconds
const PAUSE = 10_000; // milliseconds between two look-ups, whatever key ids strangers make up
const PATIENCE = 5_000; // milliseconds for one answer

/** A function that gives the key of an id, or undefined. `known`: keys that are written down here, if they are. */
function publicKeys(pridvor, known) {
  let keys = known ?? [];
  let readAt = 0;

  const refresh = async () => {
    readAt = Date.now();
    const answer = await fetch(`${pridvor}/entrance/keys.json`, { signal: AbortSignal.timeout(PATIENCE) });
    if (!answer.ok) throw new Error(`vendure-pridvor: ${pridvor} answered ${answer.status}`);
    keys = (await answer.json()).keys;
  };

  return async kid => {
    const found = keys.find(key => key.kid === kid);
    const age = Date.now() - readAt;
    if (!known && (age > KEPT || (!found && age > PAUSE))) await refresh();
    return keys.find(key => key.kid === kid);
  };
}

module.exports = { publicKeys };
