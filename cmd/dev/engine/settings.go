package engine

import (
	"net"
	"strconv"
	"time"

	"go.temporal.io/server/common/cluster"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/dynamicconfig"
	"go.temporal.io/server/common/membership/static"
	"go.temporal.io/server/common/primitives"
)

const (
	clusterName = "active"
	clusterID   = "6d7f0a4e-3c1b-4f0a-9f57-2b8e5c1d9a70"
	storeName   = "sqlite"
)

// dynamicConfig fits the server to one process with one client. Its defaults
// share a cluster between many.
func dynamicConfig() dynamicconfig.StaticClient {
	return dynamicconfig.StaticClient{
		// Each reads one page a call. At the default of 20 a second an idle
		// server takes up to 50 ms to hand on a task, a timer or a listing.
		dynamicconfig.TransferProcessorMaxPollRPS.Key():   2000,
		dynamicconfig.TimerProcessorMaxPollRPS.Key():      2000,
		dynamicconfig.VisibilityProcessorMaxPollRPS.Key(): 500,
		// One partition: a task meets its poller without being forwarded.
		dynamicconfig.MatchingNumTaskqueueReadPartitions.Key():  1,
		dynamicconfig.MatchingNumTaskqueueWritePartitions.Key(): 1,
		// The server drops a waiting client's wake-up when it is busy, and the
		// client then waits for the end of this interval; 20 s by default.
		dynamicconfig.HistoryLongPollExpirationInterval.Key(): time.Second,
		// Hundreds of conversations a second make several calls each.
		dynamicconfig.FrontendRPS.Key():                                  20000,
		dynamicconfig.FrontendMaxNamespaceRPSPerInstance.Key():           20000,
		dynamicconfig.FrontendMaxNamespaceVisibilityRPSPerInstance.Key(): 200,
		dynamicconfig.MatchingRPS.Key():                                  20000,
		dynamicconfig.HistoryRPS.Key():                                   20000,
		dynamicconfig.FrontendPersistenceMaxQPS.Key():                    20000,
		dynamicconfig.MatchingPersistenceMaxQPS.Key():                    20000,
		dynamicconfig.HistoryPersistenceMaxQPS.Key():                     20000,
		// Entries of some ten kilobytes; the default of 128000 fits a server.
		dynamicconfig.HistoryCacheHostLevelMaxSize.Key(): 16384,
		// Nothing leaves the laptop.
		dynamicconfig.EnableServerVersionCheck.Key(): false,
	}
}

func serverConfig(at addresses, database *config.SQL) *config.Config {
	rpc := func(grpc *net.TCPAddr) config.RPC {
		return config.RPC{BindOnIP: grpc.IP.String(), GRPCPort: grpc.Port}
	}
	frontend := rpc(at.frontend)
	frontend.HTTPPort = at.frontendHTTP.Port
	return &config.Config{
		Global: config.Global{
			Membership: config.Membership{
				MaxJoinDuration:  30 * time.Second,
				BroadcastAddress: "127.0.0.1",
			},
		},
		Persistence: config.Persistence{
			DefaultStore:     storeName,
			VisibilityStore:  storeName,
			NumHistoryShards: 1,
			DataStores:       map[string]config.DataStore{storeName: {SQL: database}},
		},
		ClusterMetadata: &cluster.Config{
			FailoverVersionIncrement: 10,
			MasterClusterName:        clusterName,
			CurrentClusterName:       clusterName,
			ClusterInformation: map[string]cluster.ClusterInformation{
				clusterName: {
					Enabled:                true,
					InitialFailoverVersion: 1,
					RPCAddress:             at.frontend.String(),
					ClusterID:              clusterID,
				},
			},
		},
		DCRedirectionPolicy: config.DCRedirectionPolicy{Policy: "noop"},
		Services: map[string]config.Service{
			string(primitives.FrontendService): {RPC: frontend},
			string(primitives.HistoryService):  {RPC: rpc(at.history)},
			string(primitives.MatchingService): {RPC: rpc(at.matching)},
			string(primitives.WorkerService):   {RPC: rpc(at.worker)},
		},
		Archival: config.Archival{
			History:    config.HistoryArchival{State: config.ArchivalDisabled},
			Visibility: config.VisibilityArchival{State: config.ArchivalDisabled},
		},
		NamespaceDefaults: config.NamespaceDefaults{
			Archival: config.ArchivalNamespaceDefaults{
				History:    config.HistoryArchivalNamespaceDefaults{State: config.ArchivalDisabled},
				Visibility: config.VisibilityArchivalNamespaceDefaults{State: config.ArchivalDisabled},
			},
		},
		PublicClient: config.PublicClient{HostPort: at.frontend.String()},
	}
}

// staticHosts tells the parts where each other is, in place of a membership
// protocol.
func staticHosts(conf *config.Config) map[primitives.ServiceName]static.Hosts {
	hosts := map[primitives.ServiceName]static.Hosts{}
	for name, service := range conf.Services {
		at := net.JoinHostPort(service.RPC.BindOnIP, strconv.Itoa(service.RPC.GRPCPort))
		hosts[primitives.ServiceName(name)] = static.SingleLocalHost(at)
	}
	return hosts
}
