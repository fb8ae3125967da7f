import { OpenRecord } from '@app/record';
import { Controller, HttpStatus, Logger, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { OpenDoor, QuestionDoor } from './answer.ts';
import { READERS } from './roles.ts';
import { HEALTH, VIEW_STATES } from './schemas.ts';

type Check = { readonly name: string; readonly ok: boolean };

@ApiTags('health')
@Controller()
export class HealthHttp {
  readonly #log = new Logger('Health');

  constructor(private readonly record: OpenRecord) {}

  @OpenDoor('livez', HEALTH)
  live() {
    return { status: 'alive' };
  }

  /** Whether everything that an answer needs can be read. */
  @OpenDoor('readyz', HEALTH)
  async ready(@Res({ passthrough: true }) reply: FastifyReply) {
    const { store, journal, views } = this.record;
    const checks = [
      await this.#check('store', async () => (await store.readAll(undefined, 1)) !== undefined),
      await this.#check('journal', async () => (await journal.size()) >= 0),
      await this.#check('views', () => views.ready()),
    ];
    const ready = checks.every(({ ok }) => ok);
    void reply.code(ready ? HttpStatus.OK : HttpStatus.SERVICE_UNAVAILABLE);
    return { status: ready ? 'ready' : 'not-ready', checks };
  }

  @QuestionDoor('v1/views', READERS, VIEW_STATES)
  async views() {
    return { data: await this.record.views.states() };
  }

  async #check(name: string, isOk: () => Promise<boolean>): Promise<Check> {
    try {
      return { name, ok: await isOk() };
    } catch (cause) {
      this.#log.error(`${name} cannot be read`, cause instanceof Error ? cause.stack : cause);
      return { name, ok: false };
    }
  }
}
