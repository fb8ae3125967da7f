import type { Role } from '@app/people';
import {
  type CanActivate,
  type ExecutionContext,
  Injectable,
  type OnApplicationBootstrap,
  SetMetadata,
} from '@nestjs/common';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { Accesses, subjectNamedIn, templateOf } from './accesses.ts';
import { type Bearer, bearerIn } from './auth.ts';
import { Problem } from './problem.ts';
import { purposeIn } from './purpose.ts';
import { readsOf } from './reads.ts';

const KEY = 'roles';
/** `pegawai` reads one's own record only, wherever it is among the roles of a route. */
const OWN_ONLY = 'pegawai';

/** Who may use a route. Of a bearer with several of the roles, the first named here acts. */
export const Roles = (...roles: Role[]) => SetMetadata(KEY, roles);

/** Who may ask about everybody, and who besides them about themselves. */
export const READERS = ['inspektorat', 'bkpsdm', 'pimpinan', 'integrator'] as const;
export const READERS_AND_SELF = [...READERS, OWN_ONLY] as const;

/** What anybody may see: whether the server is up, and the description of the API. Everything else needs a token. */
export const isOpen = (path: string): boolean => /^\/(livez|readyz|docs(\/.*)?)$/.test(path);

/** The role that somebody acts in on this request; the guard has seen to it that there is one. */
export function actingRole(request: FastifyRequest): Role {
  const role = ACTING.get(request);
  if (!role) throw new Error('a route was entered without a role');
  return role;
}

const ACTING = new WeakMap<object, Role>();

/** What a denied read was for, where nothing is said, or nothing that is in order. */
const NOT_SAID = 'tidak disebut';

/** Lets in whoever has one of the roles of the route; a `pegawai` only to one's own record. Who is kept out is noted. */
@Injectable()
export class RolesGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly accesses: Accesses,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    if (isOpen(request.routeOptions.url ?? '')) return true;
    const bearer = bearerIn(request);
    const allowed = this.reflector.getAllAndOverride<Role[] | undefined>(KEY, [
      context.getHandler(),
      context.getClass(),
    ]);
    const acting = allowed?.find((role) => bearer?.roles.includes(role));
    if (acting && mayEnter(acting, request, bearer)) {
      ACTING.set(request, acting);
      return true;
    }
    if (readsOf(this.reflector, context).ofPersons) await this.#noteDenied(request, bearer);
    const needed = `this needs the role ${(allowed ?? []).join(' or ')}`;
    throw new Problem(403, { detail: acting ? 'a pegawai reads only the own record' : needed });
  }

  async #noteDenied(request: FastifyRequest, bearer: Bearer | undefined): Promise<void> {
    await this.accesses.note(request, {
      role: bearer?.roles.join(' ') || '-',
      purpose: purposeIfInOrder(request) ?? NOT_SAID,
      what: templateOf(request),
      subjects: [subjectNamedIn(request)],
      outcome: 'denied',
    });
  }
}

function mayEnter(acting: Role, request: FastifyRequest, bearer: Bearer | undefined): boolean {
  const { subject } = request.params as { subject?: string };
  return acting !== OWN_ONLY || (subject !== undefined && subject === bearer?.subject);
}

function purposeIfInOrder(request: FastifyRequest): string | undefined {
  try {
    return purposeIn(request);
  } catch {
    return undefined;
  }
}

/** Refuses to start with a route that does not say who may use it. */
@Injectable()
export class RolesDeclared implements OnApplicationBootstrap {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly reflector: Reflector,
  ) {}

  onApplicationBootstrap(): void {
    for (const { instance, metatype } of this.discovery.getControllers())
      for (const method of this.scanner.getAllMethodNames(Object.getPrototypeOf(instance)))
        this.#declared(instance[method], metatype as new () => object);
  }

  #declared(handler: (...some: never[]) => unknown, controller: new () => object): void {
    const path: unknown = this.reflector.get('path', handler);
    if (path === undefined || isOpen(`/${String(path)}`)) return;
    if (!this.reflector.getAllAndOverride<Role[] | undefined>(KEY, [handler, controller]))
      throw new Error(`${controller.name}.${handler.name} does not say which roles may use it`);
  }
}
