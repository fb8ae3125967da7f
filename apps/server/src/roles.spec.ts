import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Controller, Get, Module } from '@nestjs/common';
import { DiscoveryModule, NestFactory } from '@nestjs/core';
import { Roles, RolesDeclared } from './roles.ts';

@Controller('a')
class Declared {
  @Get()
  @Roles('bkpsdm')
  get() {
    return '';
  }
}

@Controller('b')
class Forgotten {
  @Get()
  get() {
    return '';
  }
}

@Module({ imports: [DiscoveryModule], controllers: [Declared], providers: [RolesDeclared] })
class InOrder {}

@Module({ imports: [DiscoveryModule], controllers: [Declared, Forgotten], providers: [RolesDeclared] })
class NotInOrder {}

const start = (module: new () => object) =>
  NestFactory.createApplicationContext(module, { logger: false, abortOnError: false });

describe('the roles of routes', () => {
  it('are declared by every route, or the server does not start', async () => {
    await expect(start(InOrder)).resolves.toBeDefined();
    await expect(start(NotInOrder)).rejects.toThrow('Forgotten.get does not say which roles may use it');
  });
});
