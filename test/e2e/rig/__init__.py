"""What the end-to-end tests stand on: real servers, sessions that hold and wait for locks, and the program under test."""
