"""Machines and volumes."""

from ocpctl_local.simulator.site import Site, spec


def machines(site: Site, kind: str, count: int, instance_type: str) -> None:
    """`count` instances of a kind."""
    for index in range(count):
        answer = site.cloud.ec2.run_instances(
            ImageId="ami-12c6146b",
            InstanceType=instance_type,
            MinCount=1,
            MaxCount=1,
            SubnetId=site.subnets[index % len(site.subnets)],
            TagSpecifications=spec("instance", site.installer_tags(f"{kind}-{index}")),
        )
        if kind == "bootstrap":
            site.bootstrap = answer["Instances"][0]["InstanceId"]


def volume(site: Site) -> None:
    """One more volume: what a controller makes that nobody has stopped."""
    site.cloud.ec2.create_volume(
        Size=1,
        AvailabilityZone=f"{site.cloud.region}a",
        TagSpecifications=spec("volume", site.operator_tags("orphan")),
    )


def untagged_volume(site: Site) -> str:
    """A volume that belongs to nobody yet; returns its id."""
    zone = f"{site.cloud.region}a"
    return str(site.cloud.ec2.create_volume(Size=1, AvailabilityZone=zone)["VolumeId"])
