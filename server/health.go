package server

import (
	"context"
	"time"

	"google.golang.org/grpc"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
)

// healthInterval is how often a watcher of health is looked after.
const healthInterval = time.Second

// healthService answers gRPC's health protocol: a server serves while it knows a leader.
type healthService struct {
	healthv1.UnimplementedHealthServer
	members *members
}

func (h *healthService) status() healthv1.HealthCheckResponse_ServingStatus {
	if h.members.LeaderAddress() == "" {
		return healthv1.HealthCheckResponse_NOT_SERVING
	}
	return healthv1.HealthCheckResponse_SERVING
}

// Check answers once, for every service alike.
func (h *healthService) Check(context.Context, *healthv1.HealthCheckRequest) (*healthv1.HealthCheckResponse, error) {
	return &healthv1.HealthCheckResponse{Status: h.status()}, nil
}

// Watch answers now and at every change.
func (h *healthService) Watch(
	_ *healthv1.HealthCheckRequest,
	stream grpc.ServerStreamingServer[healthv1.HealthCheckResponse],
) error {
	ticker := time.NewTicker(healthInterval)
	defer ticker.Stop()
	told := healthv1.HealthCheckResponse_UNKNOWN
	for {
		if now := h.status(); now != told {
			if err := stream.Send(&healthv1.HealthCheckResponse{Status: now}); err != nil {
				return err
			}
			told = now
		}
		select {
		case <-ticker.C:
		case <-stream.Context().Done():
			return nil
		}
	}
}
