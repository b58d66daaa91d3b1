"""What may be said in zoo.cfg, and what only the Java virtual machine can be told.

Of zoo.cfg a server reads the names in `_READ`. Of any other line it makes the Java property `zookeeper.<name>`, which
has an effect only if it is one of `_PROPERTIES` (QuorumPeerConfig.parseProperties). Sources: the names that the code of
the server reads in ZooKeeper 3.5.10, 3.6.4, 3.7.2, 3.8.4 and 3.9.5; ZooKeeper administrator's guide of 3.9.5. A name of
any release is taken for all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches

from constructs import Construct

from cdktf_mesos.errors import invalid, shown

WHITELIST = "4lw.commands.whitelist"

# What health checks and preflights ask, and the usual monitoring.
_COMMANDS = ("srvr", "mntr", "ruok", "conf")

# FourLetterCommands of 3.9.5.
_FOUR_LETTER = "conf cons crst dirs dump envi gtmk hash isro mntr ruok srst srvr stat stmk wchc wchp wchs"

# What the construct or the image's entrypoint writes into zoo.cfg, and what would take its lines away.
_OWNED = ("dataDir", "dataLogDir", "clientPort", "clientPortAddress", "dynamicConfigFile", "admin.enableServer")

_READ = """
autopurge.purgeInterval autopurge.snapRetainCount clientPort clientPortAddress clientPortListenBacklog
connectToLearnerMasterLimit dataDir dataLogDir dynamicConfigFile electionAlg initLimit jvm.pause.info-threshold.ms
jvm.pause.monitor jvm.pause.sleep.time.ms jvm.pause.warn-threshold.ms localSessionsEnabled
localSessionsUpgradingEnabled maxClientCnxns maxSessionTimeout metricsProvider.className minSessionTimeout
multiAddress.enabled multiAddress.reachabilityCheckEnabled multiAddress.reachabilityCheckTimeoutMs
observerMasterPort oraclePath peerType portUnification quorum.auth.enableSasl
quorum.auth.kerberos.servicePrincipal quorum.auth.learner.saslLoginContext quorum.auth.learnerRequireSasl
quorum.auth.server.saslLoginContext quorum.auth.serverRequireSasl quorum.cnxn.threads.size quorumListenOnAllIPs
reconfigEnabled secureClientPort secureClientPortAddress sslQuorum sslQuorumReloadCertFiles standaloneEnabled
syncEnabled syncLimit tickTime
"""

_PROPERTIES = """
4lw.commands.whitelist DigestAuthenticationProvider.digestAlg DigestAuthenticationProvider.enabled
DigestAuthenticationProvider.superDigest IPAuthenticationProvider.usexforwardedfor
SASLAuthenticationProvider.superPassword X509AuthenticationProvider.superUser allowSaslFailedClients audit.enable
audit.impl.class bitHashCacheSize client.certReload client.portUnification clientTcpKeepAlive
closeSessionTxn.enabled cnxTimeout commitLogCount commitProcessor.maxCommitBatchSize
commitProcessor.maxReadBatchSize commitProcessor.numWorkerThreads commitProcessor.shutdownTimeout
connection_throttle_decrease_ratio connection_throttle_drop_decrease connection_throttle_drop_increase
connection_throttle_fill_count connection_throttle_fill_time connection_throttle_freeze_time
connection_throttle_global_session_weight connection_throttle_local_session_weight
connection_throttle_renew_session_weight connection_throttle_tokens connection_throttle_weight_enabled
controllerPort datadir.autocreate db.autocreate digest.enabled electionPortBindRetry emulate353TTLNodes
enableEagerACLCheck enforce.auth.enabled enforce.auth.schemes enforceQuota ensembleAuthName extendedTypesEnabled
fastleader.maxNotificationInterval fastleader.minNotificationInterval fips-mode flushDelay
follower.skipLearnerRequestToNextProcessor forceSnapshotSync forceSync
forward_learner_requests_to_commit_processor_disabled fsync.warningthresholdms globalOutstandingLimit
intBufferStartingSizeBytes jmx.log4j.disable jmx.log4j.mbean jute.maxbuffer.extrasize
kerberos.canonicalizeHostNames kerberos.minReLoginTimeMs kerberos.removeHostFromPrincipal
kerberos.removeRealmFromPrincipal kinit largeRequestMaxBytes largeRequestThreshold leader.ackLoggingFrequency
leader.closeSocketAsync leader.maxConcurrentDiffSyncs leader.maxConcurrentSnapSyncs
leader.maxConcurrentSnapshotTimeout leader.maxConcurrentSnapshots leader.maxTimeToWaitForEpoch
leaderConnectDelayDuringRetryMs leaderServes learner.asyncSending learner.closeSocketAsync letAnySaslUserDoX
maxBatchSize maxCnxns maxGetChildrenResponseCacheSize maxInProcessingDeadWatchers maxResponseCacheSize
maxWriteQueuePollTime messageTracker.BufferSize messageTracker.Enabled netty.advancedFlowControl.enabled
netty.server.earlyDropSecureConnectionHandshakes netty.server.outstandingHandshake.limit nio.directBufferBytes
nio.numSelectorThreads nio.numWorkerThreads nio.sessionlessCnxnTimeout nio.shutdownTimeout
observer.election.DelayMs observer.reconnectDelayMs observer.syncEnabled observerMaster.sizeLimit pathStats.delay
pathStats.enabled pathStats.initialDelay pathStats.maxDepth pathStats.sampleRate pathStats.slotCapacity
pathStats.slotDuration pathStats.topPathMax preAllocSize quorumCnxnTimeoutMs request_stale_connection_check
request_stale_latency_check request_throttle_drop_stale request_throttle_max_requests request_throttle_stall_time
request_throttler.shutdownTimeout requireKerberosConfig sasl.serverconfig security.auth_to_local
serializeLastProcessedZxid.enabled serverCnxnFactory sessionRequireClientSASLAuth skipACL snapCount
snapSizeLimitInKb snapshot.compression.method snapshot.trust.empty snapshotSizeFactor superUser tcpKeepAlive
throttled_op_wait_time txnLogSizeLimitInKb watchManagerName watcherCleanIntervalInSeconds watcherCleanThreadsNum
watcherCleanThreshold
"""

# What these begin with is passed on, whatever follows.
_FAMILIES = ("authProvider.", "group.", "metricsProvider.", "ssl.", "weight.")

# Java properties without "zookeeper." at their head, so that zoo.cfg cannot have them.
_OF_JAVA = (
    *("follower.nodelay", "jute.maxbuffer", "leader.nodelay", "readonlymode.enabled"),
    *("znode.container.checkIntervalMs", "znode.container.maxNeverUsedIntervalMs", "znode.container.maxPerMinute"),
)

# The guide's headings, and what the code reads.
_CALLED = {
    "advancedFlowControlEnabled": "netty.advancedFlowControl.enabled",
    "connectionDecreaseRatio": "connection_throttle_decrease_ratio",
    "connectionDropDecrease": "connection_throttle_drop_decrease",
    "connectionDropIncrease": "connection_throttle_drop_increase",
    "connectionFreezeTime": "connection_throttle_freeze_time",
    "connectionMaxTokens": "connection_throttle_tokens",
    "connectionTokenFillCount": "connection_throttle_fill_count",
    "connectionTokenFillTime": "connection_throttle_fill_time",
    "maxConcurrentDiffSyncs": "leader.maxConcurrentDiffSyncs",
    "maxConcurrentSnapSyncs": "leader.maxConcurrentSnapSyncs",
    "maxTimeToWaitForEpoch": "leader.maxTimeToWaitForEpoch",
    "outstandingHandshake.limit": "netty.server.outstandingHandshake.limit",
    "requestStaleConnectionCheck": "request_stale_connection_check",
    "requestStaleLatencyCheck": "request_stale_latency_check",
    "requestThrottleDropStale": "request_throttle_drop_stale",
    "requestThrottleLimit": "request_throttle_max_requests",
    "requestThrottleStallTime": "request_throttle_stall_time",
    "throttledOpWaitTime": "throttled_op_wait_time",
}


def checked_settings(role: Construct, settings: Mapping[str, str | int]) -> dict[str, str]:
    """The lines of zoo.cfg, as text.

    Raises:
        ValueError: one that the construct decides, that has no effect, or that the image would break.
    """
    for name, value in settings.items():
        if name in _OWNED or name.startswith("server."):
            raise invalid(role, "settings", name, "another setting; this one is decided by the construct")
        if name.startswith("admin."):
            right = "another setting; this one has no effect, as the construct turns the AdminServer off"
            raise invalid(role, "settings", name, right)
        if name in _OF_JAVA:
            raise invalid(role, "settings", name, "an entry of java_properties; zoo.cfg cannot have it")
        if not _is_read(name):
            raise invalid(role, "settings", name, f"a setting that zoo.cfg can have; {_hint(name)}")
        _check_value(role, "settings", name, value)
    return {name: str(value) for name, value in settings.items()}


def checked_java_properties(
    role: Construct, properties: Mapping[str, str | int], settings: Mapping[str, str]
) -> dict[str, str]:
    """The Java properties, as text.

    Raises:
        ValueError: one that is a setting of zoo.cfg, which would win, or that the virtual machine would break.
    """
    for name, value in properties.items():
        if not re.fullmatch("[A-Za-z][A-Za-z0-9._-]*", name):
            raise invalid(role, "java_properties", name, "the name of a Java property, without -D")
        setting = name.removeprefix("zookeeper.")
        if setting != name and (setting in {*_READ.split(), *settings, WHITELIST} or setting.startswith("admin.")):
            raise invalid(role, "java_properties", name, f"settings[{setting!r}], which zoo.cfg has")
        _check_value(role, "java_properties", name, value)
    return {name: str(value) for name, value in properties.items()}


def whitelist(role: Construct, further: str | None) -> str:
    """The four-letter words that servers answer: those that the construct needs, and further ones.

    Args:
        role: which errors name.
        further: words with commas between, or `*` for all.

    Raises:
        ValueError: a word that ZooKeeper does not have.
    """
    words = further.split(",") if further else []
    for word in words:
        if word != "*" and word not in _FOUR_LETTER.split():
            right = f"words of {_FOUR_LETTER!r} with commas between, or '*'"
            raise invalid(role, f"settings[{WHITELIST!r}]", further, right)
    return "*" if "*" in words else ",".join(dict.fromkeys([*_COMMANDS, *words]))


def _is_read(name: str) -> bool:
    return name in _known() or bool(re.fullmatch(f"({'|'.join(map(re.escape, _FAMILIES))})[A-Za-z0-9._-]+", name))


def _known() -> frozenset[str]:
    return frozenset([*_READ.split(), *_PROPERTIES.split()])


def _hint(name: str) -> str:
    bare = name.removeprefix("zookeeper.")
    meant = _CALLED.get(bare) or (bare if _is_read(bare) else None)
    meant = meant or next(iter(get_close_matches(name, sorted(_known()), n=1)), None)
    other = f"{name if bare != name else f'zookeeper.{name}'!r} in java_properties has the same effect, if it has any"
    return f"{meant!r} may be meant; {other}" if meant else other


def _check_value(role: Construct, argument: str, name: str, value: str | int) -> None:
    if re.search(r"\s", str(value)) or value == "":
        right = "a value without white space; the image splits there"
        raise invalid(role, f"{argument}[{name!r}]", shown(name, value), right)
