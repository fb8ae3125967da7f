import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { fromEvent, type Observable } from 'rxjs';

/**
 * Tells that the server stops. An answer without an end must end by it, or the server waits for its asker:
 * `source.pipe(takeUntil(stopping.begun))`.
 */
@Injectable()
export class Stopping implements OnModuleDestroy {
  readonly #stop = new AbortController();

  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Emits once, when the server begins to stop. */
  readonly begun: Observable<unknown> = fromEvent(this.#stop.signal, 'abort');

  onModuleDestroy(): void {
    this.#stop.abort();
  }
}
