import type { Draft, Recorded } from '@app/domain/event';
import { isRefusal } from '@app/domain/event';
import type { DomainEvent, Transact } from '@app/event-store';

/**
 * Carries commands out without writing: decided on the record as it is, and on what the rehearsal decided before.
 * It holds the state of every stream it touched, so a rehearsal needs memory for the people it imports.
 */
export function rehearsing(transact: Transact): Transact {
  const states = new Map<string, unknown>();
  return async (topic, stream, asking, decide) => {
    let events: { id: string; type: string }[] = [];
    const outcome = await transact(topic, stream, asking, async (stored, id) => {
      const state = states.has(stream) ? (states.get(stream) as typeof stored) : stored;
      const decided = await decide(state, id);
      if (isRefusal(decided)) return decided;
      const next = decided.map((draft, n) => provisional(draft as Draft<DomainEvent>, id(n), stream));
      events = next.map((event) => ({ id: event.id, type: event.type }));
      states.set(
        stream,
        next.reduce((s, event) => topic.evolve(s, event as never), state),
      );
      return [];
    });
    return 'events' in outcome ? { ...outcome, events } : outcome;
  };
}

const provisional = ({ source, ...event }: Draft<DomainEvent>, id: string, stream: string) =>
  ({
    ...event,
    id,
    stream,
    revision: 0,
    recordedAt: '',
    metadata: { actor: '', role: '', commandId: '', correlationId: '', ...(source ? { source } : {}) },
  }) as Recorded<DomainEvent>;
