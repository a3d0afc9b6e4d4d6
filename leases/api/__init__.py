"""Drivers, vehicles and leases for programs. Every act is a door to one service, with the permission of its page."""

from django.urls import path

from core.api.methods import by_method
from leases.api import accounts, deposits, drivers, leases, notes, papers, vehicles

app_name = "leases-api"

_DRIVER = "drivers/<int:driver_id>"
_VEHICLE = "vehicles/<int:vehicle_id>"
_PAPER = "<int:paper_id>"
_LEASE = "leases/<int:lease_id>"

urlpatterns = [
    path("drivers", by_method(drivers.Drivers, drivers.CreateDriver), name="drivers"),
    path(_DRIVER, by_method(drivers.ShowDriver, drivers.ChangeDriver), name="driver"),
    path(f"{_DRIVER}/dues", accounts.ShowDues.as_view(), name="driver-dues"),
    path(f"{_DRIVER}/lock", drivers.LockDriver.as_view(), name="lock-driver"),
    path(f"{_DRIVER}/locks", drivers.DriverLocks.as_view(), name="driver-locks"),
    path(f"{_DRIVER}/notes", by_method(notes.DriverNotes, notes.WriteDriverNote), name="driver-notes"),
    path(f"{_DRIVER}/papers", papers.RecordDriverPaper.as_view(), name="driver-papers"),
    path(f"{_DRIVER}/papers/{_PAPER}/correct", papers.CorrectDriverPaper.as_view(), name="correct-driver-paper"),
    path(f"{_DRIVER}/position", accounts.ShowPosition.as_view(), name="driver-position"),
    path(f"{_DRIVER}/statement", accounts.ShowStatement.as_view(), name="driver-statement"),
    path(f"{_DRIVER}/unlock", drivers.UnlockDriver.as_view(), name="unlock-driver"),
    path("papers", papers.Papers.as_view(), name="papers"),
    path("vehicles", by_method(vehicles.Vehicles, vehicles.RegisterVehicle), name="vehicles"),
    path(_VEHICLE, by_method(vehicles.ShowVehicle, vehicles.ChangeVehicle), name="vehicle"),
    path(f"{_VEHICLE}/notes", by_method(notes.VehicleNotes, notes.WriteVehicleNote), name="vehicle-notes"),
    path(f"{_VEHICLE}/papers", papers.RecordVehiclePaper.as_view(), name="vehicle-papers"),
    path(f"{_VEHICLE}/papers/{_PAPER}/correct", papers.CorrectVehiclePaper.as_view(), name="correct-vehicle-paper"),
    path(f"{_VEHICLE}/plates", vehicles.GivePlate.as_view(), name="give-plate"),
    path(f"{_VEHICLE}/plates/remove", vehicles.RemovePlate.as_view(), name="remove-plate"),
    path(f"{_VEHICLE}/retire", vehicles.RetireVehicle.as_view(), name="retire-vehicle"),
    path(f"{_VEHICLE}/return", vehicles.ReturnVehicle.as_view(), name="return-vehicle"),
    path(f"{_VEHICLE}/tags", vehicles.GiveTag.as_view(), name="give-tag"),
    path(f"{_VEHICLE}/tags/remove", vehicles.RemoveTag.as_view(), name="remove-tag"),
    path("leases", by_method(leases.Leases, leases.StartLease), name="leases"),
    path(_LEASE, leases.ShowLease.as_view(), name="lease"),
    path(f"{_LEASE}/amount", leases.ChangeWeeklyAmount.as_view(), name="lease-amount"),
    path(f"{_LEASE}/days-away", leases.RecordDaysAway.as_view(), name="days-away"),
    path(f"{_LEASE}/days-away/take-back", leases.TakeBackDaysAway.as_view(), name="take-back-days-away"),
    path(f"{_LEASE}/deposit", deposits.ShowDeposit.as_view(), name="lease-deposit"),
    path(f"{_LEASE}/deposit/settle", deposits.SettleDeposit.as_view(), name="settle-deposit"),
    path(f"{_LEASE}/drivers", leases.AddDriver.as_view(), name="add-driver"),
    path(f"{_LEASE}/drivers/end", leases.EndDriver.as_view(), name="end-driver"),
    path(f"{_LEASE}/hold", leases.HoldLease.as_view(), name="hold-lease"),
    path(f"{_LEASE}/notes", by_method(notes.LeaseNotes, notes.WriteLeaseNote), name="lease-notes"),
    path(f"{_LEASE}/rents", leases.ShowRents.as_view(), name="lease-rents"),
    path(f"{_LEASE}/resume", leases.ResumeLease.as_view(), name="resume-lease"),
    path(f"{_LEASE}/swap", leases.SwapVehicle.as_view(), name="swap-vehicle"),
    path(f"{_LEASE}/terminate", leases.TerminateLease.as_view(), name="terminate-lease"),
]
