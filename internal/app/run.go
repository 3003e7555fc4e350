package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"github.com/spywire/spywire/fetcher"
	"github.com/spywire/spywire/fetcher/feedlist"
	"github.com/spywire/spywire/internal/app/config"
	"github.com/spywire/spywire/internal/bus"
	"github.com/spywire/spywire/internal/bus/embedded"
	"github.com/spywire/spywire/internal/outlet"
	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/internal/telemetry"
	"github.com/spywire/spywire/sink"
)

// Options of Run. Only Config must be set.
type Options struct {
	Config  config.Config
	Targets []Target       // nil is all
	Sample  bool           // serve the sample newsroom and follow its feeds before all others
	Feeds   *feedlist.List // nil opens the lists of Config
	Timings bus.Timings    // the zero value is for production
	Logger  *slog.Logger   // nil is silent; the worker of a pipeline adds its name to every line
	// Ready is called once every worker has started, and has until Run returns: its context ends when the workers
	// are told to stop.
	Ready func(context.Context, *Instance)
}

// Instance is a running process, as its Ready hook sees it. It is valid until Run's context ends.
type Instance struct {
	Name    string // tells it from others of its targets: host/pid
	Log     *slog.Logger
	Bus     *bus.Bus
	Metrics prometheus.Gatherer
	HTTP    string // host:port of /livez, /readyz and /metrics
	// Callback is host:port of the calls of WebSub hubs, empty without a callback_url.
	Callback string
	Sample   string // host:port of the sample newsroom, empty without one
	Feeds    *feedlist.List
}

// Run is the process: it starts what the targets need, runs their workers until ctx ends or one of them fails,
// finishes what is in hand, and takes everything down in reverse order. A stop that was asked for returns nil.
func Run(ctx context.Context, o Options) (err error) {
	cfg, log := o.Config, o.Logger
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	if o.Targets == nil {
		o.Targets = Targets()
	}
	instance, targets := &Instance{Name: instanceName()}, joined(o.Targets)
	if len(o.Targets) < len(Targets()) {
		log = log.With("target", targets, "instance", instance.Name)
	} else {
		targets = TargetAll
	}
	is := func(t Target) bool { return slices.Contains(o.Targets, t) }
	registry := telemetry.NewRegistry()
	tracers, err := telemetry.NewTracers(ctx, cfg.Tracing, instance.Name, log)
	if err != nil {
		return err
	}
	defer tracers.Stop()

	// What can be refused is asked for first: the port, the lists, the model, the directory.
	listener, err := telemetry.Listen(ctx, cfg.Listen)
	if err != nil {
		return err
	}
	defer listener.Close()
	instance.Log, instance.Metrics, instance.HTTP, instance.Feeds = log, registry, listener.Addr().String(), o.Feeds
	var sample []feedlist.Source
	if o.Sample {
		list, addr, stop, err := startSample(log)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, stop()) }()
		sample, instance.Sample = append(sample, list), addr
		cfg.Fetch.ConnectTo = append(slices.Clone(cfg.Fetch.ConnectTo), "*.localhost="+addr)
	}
	if instance.Feeds == nil && is(story.StageFetcher) {
		if instance.Feeds, err = feedlist.Open(append(sample, feedSources(cfg)...)...); err != nil {
			return err
		}
	}
	base, err := newClassifier(cfg)
	if err != nil {
		return err
	}
	watched, err := Watchlist(cfg)
	if err != nil {
		return err
	}
	judge := &liveJudge{base: base}
	judge.look(watched.Names())
	counts := newMetrics(registry, o.Targets, o.Config, base)

	options := bus.Options{
		URL: cfg.NATS.URL, CredsFile: cfg.NATS.Creds, Name: "spywire " + targets + " " + instance.Name, Timings: o.Timings,
		Logger: log, Registerer: registry, TracerProvider: tracers.TracerProvider,
	}
	if cfg.NATS.URL == "" {
		server, err := embedded.Start(ctx, embedded.Options{
			Dir: cfg.DataDir, Listen: cfg.NATS.Listen, Password: cfg.NATS.Password, Sync: cfg.NATS.Sync.String(), MaxStore: cfg.NATS.MaxStore, Logger: log,
		})
		if err != nil {
			return err
		}
		defer server.Shutdown()
		options.NATS, options.Budget = []nats.Option{server.ConnectOption()}, embedded.Budget(cfg.NATS.MaxStore)
		options.Inside = true
	}
	var store Store // closed after the last who asks for its health
	defer func() {
		if store != nil {
			err = errors.Join(err, store.Close())
		}
	}()

	// From here on the process can be asked how it is, for what nats.url and store name may be long in coming.
	arrived := &arrival{}
	ready := telemetry.NewReadiness(readyChecks(arrived, is(story.StageSink))...)
	serving, stopServing := context.WithCancel(context.WithoutCancel(ctx))
	served := make(chan error, 1)
	go func() {
		served <- telemetry.Serve(serving, listener, telemetry.Handlers{Registry: registry, Ready: ready, Log: log})
	}()
	defer func() { stopServing(); err = errors.Join(err, <-served) }()
	if is(story.StageSink) {
		if store, err = arrived.open(ctx, cfg, log); err != nil || ctx.Err() != nil {
			return err
		}
	}
	b, err := arrived.reach(ctx, options, cfg.NATS.URL == "", log)
	if b != nil {
		defer func() { err = errors.Join(err, b.Close()) }()
	}
	if err != nil || ctx.Err() != nil {
		return err
	}
	instance.Bus = b
	group, work := errgroup.WithContext(ctx)
	group.Go(func() error {
		<-work.Done()
		ready.Drain()
		log.Info("stopping: taking nothing new, finishing what is in hand")
		return nil
	})

	if is(story.StageFetcher) {
		outlets, err := KnownOutlets()
		if err != nil {
			return err
		}
		frontier := b.Frontier(bus.FrontierOptions{Delay: cfg.Fetch.HostDelay})
		f, err := fetcher.New(cfg.Fetch, instance.Feeds, frontier, publisher{b, counts}, outlets, log, registry)
		if err != nil {
			return err
		}
		if callback := f.Callback(); callback != nil {
			hubs, err := listenForHubs(ctx, cfg.Fetch.CallbackListen)
			if err != nil {
				return err
			}
			instance.Callback = hubs.Addr().String()
			group.Go(func() error { return serveHubs(work, hubs, callback, log) })
		}
		group.Go(func() error { return f.Run(work) })
	}
	if is(story.StageParser) {
		worker := bus.Consumer{Durable: bus.PagesParser, Stage: story.StageParser, Workers: cfg.Parse.Count()}
		group.Go(func() error { return bus.Consume(work, b, worker, bus.DecodePage, parse(b, counts)) })
	}
	if is(story.StageClassifier) {
		if len(cfg.Watchlists) > 0 {
			watched.Instrument(registry)
			group.Go(func() error { watched.Watch(work, log, func() { judge.look(watched.Names()) }); return nil })
		}
		worker := bus.Consumer{Durable: bus.ArticlesClassifier, Stage: story.StageClassifier, Workers: cfg.Classify.Count()}
		stage := NewSecond(cfg, base, log, registry)
		if stage != nil {
			worker.Workers += cfg.Classifier.Second.Concurrency // as many may wait for an answer, and hold up nobody
		}
		group.Go(func() error {
			return bus.Consume(work, b, worker, bus.DecodeArticle, classify(b, counts, judge, stage, cfg.Sink.Keep == "all"))
		})
	}
	if is(story.StageSink) {
		s := sink.New(store, sink.Options{Logger: log, Registerer: registry})
		stories := bus.Consumer{Durable: bus.StoriesSink, Stage: story.StageSink, Workers: cfg.Sink.Batch}
		group.Go(func() error { return bus.ConsumeBatch(work, b, stories, bus.DecodeStory, counts.stored(s.Stories)) })
		entries := bus.Consumer{Durable: bus.LedgerSink, Stage: story.StageSink, Workers: cfg.Sink.Batch}
		group.Go(func() error { return bus.ConsumeBatch(work, b, entries, bus.DecodeLedger, s.Ledger) })
		group.Go(func() error { return sweep(work, s, b, cfg.Fetch.HostDelay, log) })
		group.Go(func() error { arrived.buildSearch(work, store, log); return nil })
		group.Go(func() error { return retain(work, s, cfg.Sink.Retention, log) })
	}

	arrived.working.Store(true)
	log.Info("spywire is up", "targets", o.Targets, "http", instance.HTTP, "data_dir", cfg.DataDir)
	if o.Ready != nil {
		hooked := make(chan struct{})
		go func() { defer close(hooked); o.Ready(work, instance) }()
		defer func() { <-hooked }()
	}
	err = group.Wait()
	log.Info("spywire has stopped")
	return err
}

// sweepEvery is how often the sink looks for listed URLs whose outcome is overdue.
const sweepEvery = 10 * time.Minute

// sweep queues again what was lost on the way, until ctx ends.
func sweep(ctx context.Context, s *sink.Sink, b *bus.Bus, delay time.Duration, log *slog.Logger) error {
	frontier := b.Frontier(bus.FrontierOptions{Delay: delay})
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		queued, lost, err := s.Sweep(ctx, func(ctx context.Context, e story.LedgerEntry) error {
			return frontier.Enqueue(ctx, sink.QueueEntry(e))
		})
		switch {
		case err != nil && ctx.Err() == nil:
			log.Warn("sweep", "err", err)
		case queued+lost > 0:
			log.Info("sweep", "queued_again", queued, "given_up", lost)
		}
	}
}

// KnownOutlets tells a fetcher whose a host is.
func KnownOutlets() (fetcher.Outlets, error) {
	table, err := outlet.Load()
	if err != nil {
		return nil, err
	}
	return func(host string) (name, country string, ok bool) {
		o, ok := table.ByDomain(host)
		return o.Name, o.Country, ok
	}, nil
}

// Client connects a command to the NATS of the configuration: the server at nats.url, or the socket of the
// instance that runs on data_dir. Of the timings it is the waits of an applied topology that matter.
func Client(ctx context.Context, cfg config.Config, name string, timings bus.Timings) (*bus.Bus, error) {
	options := bus.Options{URL: cfg.NATS.URL, CredsFile: cfg.NATS.Creds, Name: name, Timings: timings, Budget: embedded.Budget(cfg.NATS.MaxStore)}
	if cfg.NATS.URL == "" {
		_, err := os.Stat(filepath.Join(cfg.DataDir, embedded.SocketName))
		switch {
		case errors.Is(err, fs.ErrPermission):
			return nil, fmt.Errorf("the data directory %s is closed to this user: %w; be the user that runs spywire", cfg.DataDir, err)
		case err != nil:
			return nil, fmt.Errorf("no spywire is running on %s: start `spywire run`, or name a server with --set nats.url=URL", cfg.DataDir)
		}
		options.NATS = []nats.Option{embedded.DialOption(cfg.DataDir)}
	}
	b, err := bus.Connect(ctx, options)
	if cfg.NATS.URL == "" && errors.Is(err, nats.ErrNoServers) {
		return nil, fmt.Errorf("no spywire answers on %s: start `spywire run`, or be the user that runs it, or name a server with --set nats.url=URL", cfg.DataDir)
	}
	return b, err
}
