import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { UUID } from './body.ts';
import { notFound } from './problem.ts';

/** An id in the address of a request; what is no id names nothing. */
const idIn = (name: string) => (_: unknown, context: ExecutionContext) => {
  const { params } = context.switchToHttp().getRequest<FastifyRequest>();
  const id = (params as Record<string, string>)[name] ?? '';
  if (!new RegExp(UUID).test(id)) throw notFound(`${name} is a UUID in lower case`);
  return id;
};

export const Subject = createParamDecorator(idIn('subject'));
export const EventId = createParamDecorator(idIn('event'));
export const SubscriptionId = createParamDecorator(idIn('subscription'));
