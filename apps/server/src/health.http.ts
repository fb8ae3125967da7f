import { OpenRecord } from '@app/record';
import { Controller, HttpStatus, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { OpenDoor, QuestionDoor } from './answer.ts';
import { Readiness } from './readiness.ts';
import { OF_NOBODY } from './reads.ts';
import { READERS } from './roles.ts';
import { HEALTH, VIEW_STATES } from './schemas.ts';

@ApiTags('health')
@Controller()
export class HealthHttp {
  constructor(
    private readonly record: OpenRecord,
    private readonly readiness: Readiness,
  ) {}

  @OpenDoor('livez', HEALTH)
  live() {
    return { status: 'alive' };
  }

  /** Whether everything that an answer needs is there. */
  @OpenDoor('readyz', HEALTH)
  async ready(@Res({ passthrough: true }) reply: FastifyReply) {
    const { ready, checks } = await this.readiness.report();
    void reply.code(ready ? HttpStatus.OK : HttpStatus.SERVICE_UNAVAILABLE);
    return { status: ready ? 'ready' : 'not-ready', checks };
  }

  @QuestionDoor('v1/views', READERS, VIEW_STATES, OF_NOBODY)
  async views() {
    return { data: await this.record.views.states() };
  }
}
