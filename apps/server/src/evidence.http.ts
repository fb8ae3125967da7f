import { isRefusal } from '@app/domain/event';
import { type Asking, codeOf } from '@app/event-store';
import { documentOf, EvidenceStore, keepDocument, MEDIA_TYPES } from '@app/ledger';
import { OpenRecord } from '@app/record';
import { Controller, Param, Req, StreamableFile } from '@nestjs/common';
import { Command, CommandBus, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { DocumentDoor, FileDoor } from './answer.ts';
import { Asker, Asks } from './asking.ts';
import { notFound, Problem } from './problem.ts';
import { DOCUMENT_KEPT } from './schemas.ts';
import type { Outcome } from './servants.ts';
import { tooLarge, type Upload, uploadIn } from './upload.ts';

/** How large a document may be, in bytes. */
export class EvidenceLimit {
  constructor(readonly maxBytes: number) {}
}

export class KeepEvidence extends Command<Outcome> {
  constructor(
    readonly asking: Asking,
    readonly upload: Upload,
  ) {
    super();
  }
}

@CommandHandler(KeepEvidence)
export class KeepEvidenceHandler implements ICommandHandler<KeepEvidence> {
  constructor(
    private readonly record: OpenRecord,
    private readonly evidence: EvidenceStore,
    private readonly limit: EvidenceLimit,
  ) {}

  execute({ asking, upload: { content, ...taking } }: KeepEvidence): Promise<Outcome> {
    return keepDocument(this.record, this.evidence, asking, content, { ...taking, ...this.limit });
  }
}

@ApiTags('evidence')
@Controller('v1/evidence')
export class EvidenceHttp {
  constructor(
    private readonly bus: CommandBus,
    private readonly record: OpenRecord,
    private readonly evidence: EvidenceStore,
    private readonly limit: EvidenceLimit,
  ) {}

  @DocumentDoor('', { roles: ['bkpsdm', 'inspektorat'], mediaTypes: MEDIA_TYPES, schema: DOCUMENT_KEPT })
  async put(@Req() request: FastifyRequest, @Asks() asker: Asker): Promise<Outcome> {
    const { maxBytes } = this.limit;
    const upload = uploadIn(request, maxBytes);
    // The content is its own key: sent again, it is kept once.
    const { keyed: _, fingerprint: __, ...asking } = await asker.about(this.record, {});
    try {
      const outcome = await this.bus.execute(new KeepEvidence(asking, upload));
      if (isRefusal(outcome) && outcome.refused === 'evidence-too-large') throw tooLarge(maxBytes);
      return outcome;
    } catch (cause) {
      if (codeOf(cause) !== 'ECONNRESET') throw cause;
      throw new Problem(400, { detail: 'the document ended before its end' });
    } finally {
      // What nobody reads any more must still go by, or the asker never hears the answer.
      request.raw.resume();
    }
  }

  @FileDoor(':sha256', ['inspektorat', 'bkpsdm'], { ofPersons: true, naming: 'sha256' })
  async get(@Param('sha256') sha256: string): Promise<StreamableFile> {
    if (!/^[0-9a-f]{64}$/.test(sha256)) throw notFound('sha256 is 64 hexadecimal digits in lower case');
    const { kept, erasedBy } = await documentOf(this.record.store, sha256);
    if (!kept) throw notFound('no such document was ever kept');
    if (erasedBy !== undefined)
      throw new Problem(410, { detail: `this document was destroyed by the decision ${erasedBy}` });
    const content = await this.evidence.read(sha256);
    if (!content) throw new Error(`the document ${sha256} is on the record and not in EVIDENCE_DIR`);
    return new StreamableFile(content, {
      type: kept.mediaType,
      length: kept.size,
      disposition: `attachment; filename="${sha256}"`,
    });
  }
}
