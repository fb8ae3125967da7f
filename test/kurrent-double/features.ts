import featuresGrpc from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import featuresPb, { type SupportedMethods } from '@eventstore/db-client/generated/serverfeatures_pb.js';
import type { sendUnaryData, UntypedServiceImplementation } from '@grpc/grpc-js';

export const FEATURES = featuresGrpc.ServerFeaturesService;

const PERSISTENT = 'event_store.client.persistent_subscriptions.persistentsubscriptions';
const CALLS = ['create', 'delete', 'list', 'read', 'replayparked'];

/** Says what this server can do beyond what every server can: groups to $all, and no BatchAppend. */
export function features(): UntypedServiceImplementation {
  const methods = CALLS.map((name) =>
    new featuresPb.SupportedMethod().setServiceName(PERSISTENT).setMethodName(name).setFeaturesList(['all']),
  );
  return {
    getSupportedMethods: (_: unknown, done: sendUnaryData<SupportedMethods>) =>
      done(
        null,
        new featuresPb.SupportedMethods().setMethodsList(methods).setEventStoreServerVersion('22.10.0'),
      ),
  };
}
