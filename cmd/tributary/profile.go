package main

import (
	"fmt"
	"net"
	"net/http"
	"net/http/pprof"
	"time"
)

// profiling serves profiles of this process when asked to. They show stacks and
// file names, so nothing but this machine may ask for them.
type profiling struct {
	PProf string `help:"Serve profiles on this address of the loopback interface." env:"TRIBUTARY_PPROF" name:"pprof" hidden:""`
}

// start serves until the process ends; without an address it does nothing.
func (p profiling) start() error {
	if p.PProf == "" {
		return nil
	}
	host, _, err := net.SplitHostPort(p.PProf)
	if err != nil || !net.ParseIP(host).IsLoopback() {
		return fmt.Errorf("--pprof %s is no address like 127.0.0.1:6060", p.PProf)
	}
	listener, err := net.Listen("tcp", p.PProf)
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	go server.Serve(listener)
	return nil
}
