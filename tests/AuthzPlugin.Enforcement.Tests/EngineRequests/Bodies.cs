namespace AuthzPlugin.Enforcement.Tests.EngineRequests;

/// <summary>Bodies that clients send.</summary>
internal static class Bodies
{
    /// <summary>docker CLI 28.2.2: <c>docker create --label Foo=1 --label foo=2 --mount type=image,… alpine:3</c>, captured.</summary>
    public const string DockerCli = """
        {"Hostname":"","Domainname":"","User":"","AttachStdin":false,"AttachStdout":true,"AttachStderr":true,"ExposedPorts":{"80/tcp":{}},
        "Tty":false,"OpenStdin":false,"StdinOnce":false,"Env":null,"Cmd":["sh","-c","x"],"Image":"alpine:3","Volumes":{},
        "WorkingDir":"","Entrypoint":null,"OnBuild":null,"Labels":{"Foo":"1","foo":"2"},"HostConfig":{"Binds":["/data:/d"],
        "ContainerIDFile":"","LogConfig":{"Type":"","Config":{"a":"b"}},"NetworkMode":"default","PortBindings":{"80/tcp":[{"HostIp":"",
        "HostPort":"80"}]},"RestartPolicy":{"Name":"always","MaximumRetryCount":0},"AutoRemove":false,"VolumeDriver":"",
        "VolumesFrom":null,"ConsoleSize":[0,0],"CapAdd":null,"CapDrop":null,"CgroupnsMode":"","Dns":[],"DnsOptions":[],
        "DnsSearch":[],"ExtraHosts":null,"GroupAdd":null,"IpcMode":"","Cgroup":"","Links":null,"OomScoreAdj":0,"PidMode":"",
        "Privileged":false,"PublishAllPorts":false,"ReadonlyRootfs":false,"SecurityOpt":null,"UTSMode":"","UsernsMode":"",
        "ShmSize":0,"Isolation":"","CpuShares":0,"Memory":0,"NanoCpus":0,"CgroupParent":"","BlkioWeight":0,"BlkioWeightDevice":[],
        "BlkioDeviceReadBps":[],"BlkioDeviceWriteBps":[],"BlkioDeviceReadIOps":[],"BlkioDeviceWriteIOps":[],"CpuPeriod":0,
        "CpuQuota":0,"CpuRealtimePeriod":0,"CpuRealtimeRuntime":0,"CpusetCpus":"","CpusetMems":"","Devices":[],"DeviceCgroupRules":null,
        "DeviceRequests":null,"MemoryReservation":0,"MemorySwap":0,"MemorySwappiness":-1,"OomKillDisable":false,"PidsLimit":0,
        "Ulimits":[{"Name":"nofile","Hard":2,"Soft":1}],"CpuCount":0,"CpuPercent":0,"IOMaximumIOps":0,"IOMaximumBandwidth":0,
        "Mounts":[{"Type":"image","Source":"alpine@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "Target":"/m"}],"MaskedPaths":null,"ReadonlyPaths":null},"NetworkingConfig":{"EndpointsConfig":{"default":{"IPAMConfig":null,
        "Links":null,"Aliases":null,"MacAddress":"","DriverOpts":null,"GwPriority":0,"NetworkID":"","EndpointID":"","Gateway":"",
        "IPAddress":"","IPPrefixLen":0,"IPv6Gateway":"","GlobalIPv6Address":"","GlobalIPv6PrefixLen":0,"DNSNames":null}}}}
        """;

    /// <summary>docker-py 7.1.0, captured: mounts, ulimits, log options, device requests, labels that differ in case.</summary>
    public const string DockerPy = """
        {"Tty": false, "OpenStdin": false, "StdinOnce": false, "AttachStdin": false, "AttachStdout": true, "AttachStderr": true,
        "Cmd": ["sh"], "Image": "alpine:3", "NetworkDisabled": false, "HostConfig": {"NetworkMode": "default", "RestartPolicy": {"Name": "always"},
        "Binds": ["/a:/b"], "PortBindings": {"80/tcp": [{"HostIp": "", "HostPort": "80"}]}, "Ulimits": [{"Name": "nofile",
        "Soft": 1, "Hard": 2}], "LogConfig": {"Type": "json-file", "Config": {"a": "b"}}, "Mounts": [{"Target": "/t", "Source": "v",
        "Type": "volume", "ReadOnly": false, "VolumeOptions": {"DriverConfig": {"Name": "local", "Options": {"o": "x"}}}}],
        "DeviceRequests": [{"Driver": "", "Count": -1, "DeviceIDs": [], "Capabilities": [["gpu"]], "Options": {}}]}, "NetworkingConfig": {"EndpointsConfig": {"n": {"Aliases": ["x"]}}},
        "Labels": {"Foo": "1", "foo": "2"}, "Healthcheck": {"Test": ["CMD", "x"], "Interval": null, "Timeout": null, "Retries": null,
        "StartPeriod": null}}
        """;

    /// <summary>In the form of docker compose, with keys in every map that differ only in case or are named like fields.</summary>
    public const string Compose = """
        {"Hostname":"","Env":["A=1","lower=2"],"Cmd":null,"Image":"localhost:5000/demo/app:1","Volumes":{"/Data":{},"/data":{}},
        "WorkingDir":"","Entrypoint":null,"OnBuild":null,"ExposedPorts":{"80/tcp":{},"80/TCP":{}},"Labels":{"com.docker.compose.project":"app",
        "com.docker.compose.image":"sha256:x","Traefik.Enable":"true","traefik.enable":"true","Image":"label","image":"label",
        "HostConfig":"label","mounts":"label"},"HostConfig":{"Binds":["app_data:/data:rw"],"LogConfig":{"Type":"json-file",
        "Config":{"Max-Size":"1","max-size":"2"}},"NetworkMode":"app_default","PortBindings":{"80/tcp":[{"HostIp":"","HostPort":"8080"}]},
        "RestartPolicy":{"Name":"unless-stopped","MaximumRetryCount":0},"Annotations":{"A":"1","a":"2"},"Sysctls":{"net.core.somaxconn":"1",
        "NET.core.somaxconn":"1"},"StorageOpt":{"Size":"1","size":"2"},"Tmpfs":{"/Run":"","/run":""},"Mounts":[{"Type":"bind",
        "Source":"/a","Target":"/b","BindOptions":{"CreateMountpoint":true}},{"Type":"volume","Source":"v","Target":"/c",
        "VolumeOptions":{"Labels":{"X":"1","x":"2"},"DriverConfig":{"Name":"local","Options":{"O":"1","o":"2"}}}},{"Type":"tmpfs",
        "Target":"/t","TmpfsOptions":{"SizeBytes":1}}]},"NetworkingConfig":{"EndpointsConfig":{"App":{"Aliases":["web"]},
        "app":{"DriverOpts":{"K":"1","k":"2"},"IPAMConfig":{}}}}}
        """;

    /// <summary>docker CLI 28.2.2: <c>docker update</c>, shortened.</summary>
    public static string Update(string restartPolicy) => """
        {"CpuShares":0,"Memory":0,"NanoCpus":0,"CgroupParent":"","BlkioWeight":0,"BlkioWeightDevice":null,"Devices":null,
        "DeviceRequests":null,"MemorySwappiness":null,"OomKillDisable":null,"PidsLimit":null,"Ulimits":null,"CpuCount":0,
        "IOMaximumIOps":0,"RestartPolicy":{"Name":"NAME","MaximumRetryCount":0}}
        """.Replace("NAME", restartPolicy, StringComparison.Ordinal);
}
