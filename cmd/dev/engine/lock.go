package engine

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// lockDir creates the folder when missing and holds it until the file is closed
// or the process ends, however it ends. The file names the holder.
func lockDir(dir string) (*os.File, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("create engine folder: %w", err)
	}
	file, err := os.OpenFile(filepath.Join(dir, "engine.lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open lock file: %w", err)
	}
	if err := hold(file, dir); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

func hold(file *os.File, dir string) error {
	err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		holder, err := io.ReadAll(file)
		if err != nil {
			return fmt.Errorf("read lock file: %w", err)
		}
		return fmt.Errorf("another switchboard dev (pid %s) is using this folder: %s",
			strings.TrimSpace(string(holder)), dir)
	}
	if err != nil {
		return fmt.Errorf("lock folder: %w", err)
	}
	if err := file.Truncate(0); err != nil {
		return fmt.Errorf("write lock file: %w", err)
	}
	if _, err := fmt.Fprintf(file, "%d\n", os.Getpid()); err != nil {
		return fmt.Errorf("write lock file: %w", err)
	}
	return nil
}
