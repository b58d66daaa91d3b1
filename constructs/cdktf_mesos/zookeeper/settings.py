"""The settings that zoo.cfg can have, and the Java properties that it cannot have.

A server reads the names in `_CONFIG_NAMES` from zoo.cfg. It turns any other line into the Java property
`zookeeper.<name>`, which has an effect only if it is one of `_PROPERTIES` (QuorumPeerConfig.parseProperties). Sources:
the names that the code of the server reads in ZooKeeper 3.5.10, 3.6.4, 3.7.2, 3.8.4 and 3.9.5; ZooKeeper
administrator's guide of 3.9.5. A name that one of these releases reads is accepted for all releases.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches

from constructs import Construct

from cdktf_mesos.errors import invalid, shown

WHITELIST = "4lw.commands.whitelist"

# The words that health checks, preflights and the usual monitoring send.
_COMMANDS = ("srvr", "mntr", "ruok", "conf")

# All four-letter words (FourLetterCommands of 3.9.5).
_FOUR_LETTER = "conf cons crst dirs dump envi gtmk hash isro mntr ruok srst srvr stat stmk wchc wchp wchs"

# Settings that the construct or the image's entrypoint writes into zoo.cfg, and one that would move lines out of it.
_RESERVED = ("dataDir", "dataLogDir", "clientPort", "clientPortAddress", "dynamicConfigFile", "admin.enableServer")

_CONFIG_NAMES = """
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

# Settings with one of these prefixes are accepted, whatever follows the prefix.
_PREFIXES = ("authProvider.", "group.", "metricsProvider.", "ssl.", "weight.")

# Java properties without the prefix "zookeeper.". A line of zoo.cfg always gets that prefix, so it cannot set them.
_ONLY_JAVA = (
    *("follower.nodelay", "jute.maxbuffer", "leader.nodelay", "readonlymode.enabled"),
    *("znode.container.checkIntervalMs", "znode.container.maxNeverUsedIntervalMs", "znode.container.maxPerMinute"),
)

# Names in the guide's headings → the names that the code reads.
_NAMES_IN_CODE = {
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
        ValueError: a setting that the construct decides, that has no effect, or whose value the image would split.
    """
    for name, value in settings.items():
        if name in _RESERVED or name.startswith("server."):
            raise invalid(role, "settings", name, "Remove it: the construct decides this setting")
        if name.startswith("admin."):
            remedy = "Remove it: it has no effect, as the construct turns the AdminServer off"
            raise invalid(role, "settings", name, remedy)
        if name in _ONLY_JAVA:
            raise invalid(role, "settings", name, "Put it into java_properties: zoo.cfg cannot set it")
        if not _is_read(name):
            raise invalid(role, "settings", name, f"Use a setting that zoo.cfg can have. {_hint(name)}")
        _check_value(role, "settings", name, value)
    return {name: str(value) for name, value in settings.items()}


def checked_java_properties(
    role: Construct, properties: Mapping[str, str | int], settings: Mapping[str, str]
) -> dict[str, str]:
    """The Java properties, as text.

    Raises:
        ValueError: a property that is a setting of zoo.cfg, which would take precedence; a malformed name; a value that
            the image would split.
    """
    for name, value in properties.items():
        if not re.fullmatch("[A-Za-z][A-Za-z0-9._-]*", name):
            raise invalid(role, "java_properties", name, "Use the name of a Java property, without -D")
        setting = name.removeprefix("zookeeper.")
        in_config = {*_CONFIG_NAMES.split(), *settings, WHITELIST}
        if setting != name and (setting in in_config or setting.startswith("admin.")):
            raise invalid(role, "java_properties", name, f"Use settings[{setting!r}]: zoo.cfg has this setting")
        _check_value(role, "java_properties", name, value)
    return {name: str(value) for name, value in properties.items()}


def whitelist(role: Construct, further: str | None) -> str:
    """The four-letter words that servers answer: those that the construct needs, and further ones.

    Args:
        role: the role, for errors.
        further: words with commas between, or `*` for all.

    Raises:
        ValueError: a word that ZooKeeper does not have.
    """
    words = further.split(",") if further else []
    for word in words:
        if word != "*" and word not in _FOUR_LETTER.split():
            remedy = f"Use '*', or words with commas between, out of: {_FOUR_LETTER}"
            raise invalid(role, f"settings[{WHITELIST!r}]", further, remedy)
    return "*" if "*" in words else ",".join(dict.fromkeys([*_COMMANDS, *words]))


def _is_read(name: str) -> bool:
    return name in _known() or bool(re.fullmatch(f"({'|'.join(map(re.escape, _PREFIXES))})[A-Za-z0-9._-]+", name))


def _known() -> frozenset[str]:
    return frozenset([*_CONFIG_NAMES.split(), *_PROPERTIES.split()])


def _hint(name: str) -> str:
    bare = name.removeprefix("zookeeper.")
    meant = _NAMES_IN_CODE.get(bare) or (bare if _is_read(bare) else None)
    meant = meant or next(iter(get_close_matches(name, sorted(_known()), n=1)), None)
    java_name = name if bare != name else f"zookeeper.{name}"
    java = f"If the server reads the Java property {java_name!r}, put that into java_properties"
    return f"Did you mean {meant!r}? {java}" if meant else java


def _check_value(role: Construct, argument: str, name: str, value: str | int) -> None:
    if re.search(r"\s", str(value)) or value == "":
        remedy = "Use a value without white space: the image splits values there"
        raise invalid(role, f"{argument}[{name!r}]", shown(name, value), remedy)
