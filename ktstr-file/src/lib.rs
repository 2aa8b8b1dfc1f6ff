//! Scenario files and report files.
