package intake

import "time"

// SweepAfter says how old a message is before the sweep tells of it.
func (s *Service) SweepAfter(age time.Duration) { s.sweepAge = age }

// TellWithin bounds how long tellings take.
func (s *Service) TellWithin(d time.Duration) { s.tellWithin, s.tellBatchWithin = d, d }

// SweepInBatchesOf says how many messages one sweep tells of.
func (s *Service) SweepInBatchesOf(n int) { s.sweepBatch = n }

// OverdueAfter says how late the next try of an answer or a notice may be.
func (s *Service) OverdueAfter(age time.Duration) { s.overdueAge = age }
