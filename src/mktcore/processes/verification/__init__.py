"""Verification: what can be found wrong with a process before it runs, alone or together with others."""

from mktcore.processes.verification.joint_processes import JointReport, verify_jointly
from mktcore.processes.verification.single_process import verify

__all__ = ["JointReport", "verify", "verify_jointly"]
