import { randomUUID } from 'node:crypto';
import gossipGrpc from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import gossipPb, { type ClusterInfo } from '@eventstore/db-client/generated/gossip_pb.js';
import sharedPb from '@eventstore/db-client/generated/shared_pb.js';
import type { sendUnaryData, UntypedServiceImplementation } from '@grpc/grpc-js';

export const GOSSIP = gossipGrpc.GossipService;

/** A cluster of one, that leads itself. */
export function gossip(port: () => number): UntypedServiceImplementation {
  const instance = randomUUID();
  return {
    read: (_: unknown, done: sendUnaryData<ClusterInfo>) => {
      const member = new gossipPb.MemberInfo()
        .setInstanceId(new sharedPb.UUID().setString(instance))
        .setTimeStamp(String(BigInt(Date.now()) * 10_000n))
        .setState(gossipPb.MemberInfo.VNodeState.LEADER)
        .setIsAlive(true)
        .setHttpEndPoint(new gossipPb.EndPoint().setAddress('127.0.0.1').setPort(port()));
      done(null, new gossipPb.ClusterInfo().setMembersList([member]));
    },
  };
}
