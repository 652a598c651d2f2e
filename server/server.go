package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"

	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/reflection"

	"github.com/headrace/headrace/fsm"
	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/caught"
	"github.com/headrace/headrace/internal/mtls"
	"github.com/headrace/headrace/internal/pages"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
	peerv1 "github.com/headrace/headrace/proto/headrace/peer/v1"
	"github.com/headrace/headrace/server/accesskey"
	"github.com/headrace/headrace/server/command"
	"github.com/headrace/headrace/server/consensus"
	"github.com/headrace/headrace/server/consensus/gossip"
	"github.com/headrace/headrace/server/consensus/membership"
	"github.com/headrace/headrace/server/control"
	"github.com/headrace/headrace/server/control/http"
	"github.com/headrace/headrace/server/control/peers"
	"github.com/headrace/headrace/server/demand"
	"github.com/headrace/headrace/server/dispatch"
	"github.com/headrace/headrace/server/history"
	"github.com/headrace/headrace/server/placement"
	"github.com/headrace/headrace/server/placement/avoidance"
	"github.com/headrace/headrace/server/releases"
	"github.com/headrace/headrace/server/ui"
	"github.com/headrace/headrace/server/uploads"
)

// leaseMargin is the part of a lease that the leader waits beyond it, before a node counts as lost.
const leaseMargin = 5 // a fifth

// Server is one Raft member of the control plane with all that it serves.
type Server struct {
	cfg       Config
	panics    *caught.Panics
	mistaken  *mistaken
	files     *mtls.Files // nil without TLS
	keyring   *Keyring
	seal      *accesskey.Seal // of the secrets of access keys
	consensus *consensus.Consensus
	gossip    *gossip.Gossip
	members   *members
	voters    *membership.Membership
	placement *placement.Placement
	dispatch  *dispatch.Dispatch
	releases  *releases.Cache
	uploads   *uploads.Replicas
	segments  *history.Replicas
	history   *history.History
	fresh     func(context.Context) (*state.View, error) // a view with everything that was acknowledged before
	jobLogs   jobLogs
	ui        *ui.Handler
	api       *http.Handler
	grpc      *listener
	listener  net.Listener
}

// New opens a server's files and listeners. Every New has to be followed by Run, which also closes them.
func New(cfg Config) (*Server, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	s := &Server{cfg: cfg, panics: caught.New(cfg.Log), mistaken: newMistaken(cfg.Log)}
	if err := s.open(); err != nil {
		return nil, errors.Join(err, s.abandon())
	}
	return s, nil
}

// open opens all parts, each of which needs those before it.
func (s *Server) open() error {
	for _, open := range []func() error{
		s.openKeys,
		s.openListener,
		s.openGossip,
		s.openConsensus,
		s.openMembers,
		s.openReleases,
		s.openUploads,
		s.openHistory,
		s.openJobLogs,
		s.assemble,
	} {
		if err := open(); err != nil {
			return err
		}
	}
	return nil
}

// abandon closes what a New that failed has opened.
func (s *Server) abandon() error {
	done, cancel := context.WithCancel(context.Background())
	cancel()
	var err error
	if s.listener != nil {
		err = s.listener.Close()
	}
	if s.gossip != nil {
		err = errors.Join(err, s.gossip.Run(done))
	}
	if s.consensus != nil {
		err = errors.Join(err, s.consensus.Run(done))
	}
	return errors.Join(err, s.jobLogs.close())
}

func (s *Server) openKeys() (err error) {
	if s.cfg.TLS.Enabled() {
		s.files = &mtls.Files{CA: s.cfg.TLS.CAFile, Cert: s.cfg.TLS.CertFile, Key: s.cfg.TLS.KeyFile}
		if err := s.files.Prove(mtls.Server); err != nil {
			return err
		}
	}
	if s.keyring, err = OpenKeyring(s.cfg.KeyringFile); err != nil {
		return err
	}
	s.seal, err = accesskey.NewSeal(s.keyring.Derive(accesskey.Use))
	return err
}

func (s *Server) openListener() (err error) {
	if s.listener, err = net.Listen("tcp", s.cfg.GRPCAddress); err != nil {
		return fmt.Errorf("cannot serve gRPC on %s: %w", s.cfg.GRPCAddress, err)
	}
	return nil
}

func (s *Server) openGossip() (err error) {
	self := gossip.Member{
		ServerID:      s.cfg.ServerID,
		RaftAddress:   s.advertised(s.cfg.RaftAddress),
		GRPCAddress:   s.advertised(s.listener.Addr().String()),
		HTTPAddress:   s.advertised(s.cfg.HTTPAddress),
		GossipAddress: s.advertised(s.cfg.GossipAddress),
		Version:       s.cfg.Version,
		LogVersion:    consensus.LogVersion,
	}
	s.gossip, err = gossip.Open(gossip.Config{
		Bind:      s.cfg.GossipAddress,
		Advertise: s.advertised(s.cfg.GossipAddress),
		Join:      s.cfg.Join,
		SecretKey: s.keyring.Derive("gossip"),
		Label:     "headrace",
		Self:      self,
		Log:       s.cfg.Log,
	})
	return err
}

// advertised returns an address as the others reach it.
func (s *Server) advertised(address string) string {
	_, port, err := net.SplitHostPort(address)
	if err != nil || s.cfg.AdvertiseHost == "" {
		return address
	}
	return net.JoinHostPort(s.cfg.AdvertiseHost, port)
}

func (s *Server) openConsensus() (err error) {
	config := consensus.DefaultConfig()
	config.ServerID = s.cfg.ServerID
	config.DataDir = filepath.Join(s.cfg.DataDir, "raft")
	config.Listen = s.cfg.RaftAddress
	config.Advertise = s.advertised(s.cfg.RaftAddress)
	config.LogStore = consensus.LogStore(s.cfg.LogStore)
	config.Log = s.cfg.Log
	config.Panics = s.panics
	config.LowestVersion = s.gossip.LowestVersion
	config.ClocksAhead = s.gossip.ClocksAhead
	config.Limits = s.cfg.limits()
	if config.TLS, err = s.raftTLS(); err != nil {
		return err
	}
	s.consensus, err = consensus.Open(config, fsm.New())
	return err
}

// raftTLS lets only servers into the log.
func (s *Server) raftTLS() (*consensus.TLS, error) {
	if s.files == nil {
		return nil, nil
	}
	listen, err := s.files.Listen()
	if err != nil {
		return nil, err
	}
	dial, err := s.files.Dial()
	if err != nil {
		return nil, err
	}
	return &consensus.TLS{Server: mtls.Only(listen, mtls.Server), Client: dial}, nil
}

func (s *Server) openMembers() (err error) {
	options, err := dialOptions(s.files)
	if err != nil {
		return err
	}
	s.members = &members{
		consensus:   s.consensus,
		gossip:      s.gossip,
		dial:        options,
		connections: map[string]*grpc.ClientConn{},
	}
	s.voters = membership.New(s.consensus, s.gossip, s.cfg.BootstrapExpect, s.members.askJoin, s.cfg.Log)
	s.members.voters = s.voters
	return nil
}

func (s *Server) openReleases() (err error) {
	dir := s.cfg.ReleaseCache
	if dir == "" {
		dir = filepath.Join(s.cfg.DataDir, "releases")
	}
	s.releases, err = releases.Open(dir, s.members.fetchRelease)
	return err
}

// assemble makes the parts and connects them.
func (s *Server) assemble() (err error) {
	demands := demand.NewStore()
	avoided := avoidance.NewStore()
	s.placement = placement.New(placement.Config{
		Door:    s.consensus,
		Demands: demands,
		Avoided: avoided,
		Limits:  s.cfg.limits(),
		Log:     s.cfg.Log,
		Panics:  s.panics,
	})
	var api *control.Control // nobody is served before it is there
	s.fresh = func(ctx context.Context) (*state.View, error) { return api.View(ctx, true) }
	s.dispatch = s.newDispatch(demands, avoided)
	api = s.newControl()
	if s.api, err = s.newAPI(api); err != nil {
		return err
	}
	s.ui = s.newUI(api)
	if s.grpc, err = grpcServer(s.files, s.mistaken, s.panics, api.Forward, api.ForwardStream); err != nil {
		return err
	}
	s.register(api)
	s.onLeadership()
	return nil
}

// newDispatch returns the part that speaks with agents.
func (s *Server) newDispatch(demands *demand.Store, avoided *avoidance.Store) *dispatch.Dispatch {
	return dispatch.New(dispatch.Config{
		Door:         s.consensus,
		Window:       s.consensus.Window(),
		Demands:      demands,
		Avoided:      avoided,
		Members:      s.members,
		Releases:     s.releases,
		Uploads:      s.uploads,
		SecretKey:    s.keyring.Derive("attempt secrets"),
		Lease:        s.cfg.Lease,
		Margin:       s.cfg.Lease / leaseMargin,
		Log:          s.cfg.Log,
		Logs:         s.jobLogs.forDispatch(),
		LogStorage:   s.cfg.LogStorage,
		LogRetention: s.cfg.LogRetention,
		Grants:       s.grants(),
		Panics:       s.panics,
		Fresh:        s.fresh,
		Recall:       s.recall,
	})
}

// newControl returns the gRPC API, which needs the other parts.
func (s *Server) newControl() *control.Control {
	return control.New(control.Config{
		Door:       s.consensus,
		Window:     s.consensus.Window(),
		Members:    s.members,
		Placement:  s.placement,
		Dispatch:   s.dispatch,
		Releases:   s.releases,
		Uploads:    s.uploads,
		History:    s.history,
		Segments:   s.segments,
		Limits:     s.cfg.limits(),
		LogBackend: s.jobLogs.backend,
		Links:      s.links(),
		Seal:       s.seal,
		Log:        s.cfg.Log,
		Panics:     s.panics,
	})
}

// newAPI returns the HTTP API over the gRPC API.
func (s *Server) newAPI(api *control.Control) (*http.Handler, error) {
	rates, err := http.ParseRates(s.cfg.APIRates)
	if err != nil {
		return nil, err
	}
	return http.New(http.Config{
		API:           api.Local(),
		Authenticator: s.Authenticator(),
		Trusted:       s.cfg.AnySignature,
		Rates:         rates,
		Panics:        s.panics,
	}), nil
}

// newUI returns the user interfaces of attempts.
func (s *Server) newUI(api *control.Control) *ui.Handler {
	return ui.New(ui.Config{
		Links:   s.links(),
		Cluster: api,
		Managed: s.dispatch.ManagedLogs(),
		Grants:  s.grants(),
		Log:     s.cfg.Log,
		Panics:  s.panics,
		Token: func(run string, attempt uint32) string {
			return pages.Token(s.dispatch.Secret(run, attempt))
		},
	})
}

// register adds all services to the gRPC server.
func (s *Server) register(api *control.Control) {
	api.Register(s.grpc)
	agentv1.RegisterAgentServiceServer(s.grpc, s.dispatch)
	peerv1.RegisterPeerServiceServer(s.grpc, peers.New(peers.Config{
		Door:     s.consensus,
		Dispatch: s.dispatch,
		Releases: s.releases,
		Uploads:  s.uploads,
		History:  s.segments,
		Logs:     s.jobLogs.forPeers(),
		Voters:   s.voters,
		Self:     s.members.describe,
	}))
	healthv1.RegisterHealthServer(s.grpc, &healthService{members: s.members})
	reflection.Register(s.grpc)
}

// onLeadership registers what only the leader does.
func (s *Server) onLeadership() {
	s.consensus.OnLeadership("cluster identity", func(ctx context.Context, _ uint64) error {
		initialize := &command.InitializeCluster{Account: s.cfg.AccountID, Region: s.cfg.Region}
		_, err := s.consensus.Execute(ctx, initialize.Decide)
		return err
	})
	s.consensus.OnLeadership("placement", func(ctx context.Context, _ uint64) error {
		s.placement.Run(ctx)
		return nil
	})
	s.consensus.OnLeadership("managed logs", s.sweepObjects)
	s.consensus.OnLeadership("history", s.archive)
	s.consensus.OnLeadership("dispatch", func(ctx context.Context, term uint64) error {
		s.dispatch.Run(ctx, term)
		return nil
	})
}

// Run serves until ctx ends or something cannot go on, then stops everything. It returns within endTime after that,
// whatever callers do: a call that does not end is left behind, and ends with the process.
//
// When ctx ends, a leader hands over first, while everything goes on. Then calls end that are under way, and the next
// leader answers them if need be. The rest ends last.
func (s *Server) Run(ctx context.Context) error {
	all, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	group, working := errgroup.WithContext(all)
	s.goWork(working, group)
	group.Go(func() error {
		defer end()
		return s.serve(ctx, working)
	})
	ending, began := context.WithCancel(ctx)
	defer context.AfterFunc(working, began)()
	return inTime(ending, endTime, func() error {
		return errors.Join(group.Wait(), s.members.close(), s.jobLogs.close())
	})
}

// goWork starts what works until ctx ends.
func (s *Server) goWork(ctx context.Context, group *errgroup.Group) {
	for _, run := range []func(context.Context) error{
		s.gossip.Run,
		s.consensus.Run,
		s.consensus.AwaitSilence,
		s.voters.Run,
	} {
		group.Go(func() error { return run(ctx) })
	}
	for _, work := range []func(context.Context){
		s.replicateReleases,
		s.replicateUploads,
		s.replicateHistory,
		s.sweepHistory,
		s.sweepJobLogs,
		s.sweepUploads,
	} {
		group.Go(func() error {
			work(ctx)
			return nil
		})
	}
}

// serve answers clients and agents until ctx ends and another server leads, or until working ends.
func (s *Server) serve(ctx, working context.Context) error {
	left, leave := context.WithCancel(working)
	defer leave()
	defer context.AfterFunc(ctx, func() {
		s.consensus.HandOver()
		leave()
	})()
	group, serving := errgroup.WithContext(left)
	group.Go(func() error {
		s.stopServing(serving)
		return nil
	})
	group.Go(s.serveGRPC)
	group.Go(func() error {
		defer s.ui.Close()
		return s.serveHTTP(serving)
	})
	return group.Wait()
}

// serveGRPC serves the API until stopServing ends it, which may be before it has begun.
func (s *Server) serveGRPC() error {
	gated := s.gate(s.listener, "gRPC", min(grpcConns, openFiles()/2))
	if s.files == nil {
		gated = s.mistaken.listen(gated, false)
	}
	err := s.grpc.Serve(gated)
	if errors.Is(err, grpc.ErrServerStopped) {
		return nil
	}
	return err
}

// GRPCAddress returns where the API is served.
func (s *Server) GRPCAddress() string { return s.listener.Addr().String() }
