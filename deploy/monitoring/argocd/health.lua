-- Health of a VirtualMCPServer for Argo CD: argocd-cm, key resource.customizations.health.toolhive.stacklok.dev_VirtualMCPServer.
local health = { status = "Progressing", message = "Waiting for vmcp-operator" }
local status = obj.status
if status == nil or status.phase == nil then
  return health
end
if status.observedGeneration ~= nil and obj.metadata.generation ~= nil and status.observedGeneration < obj.metadata.generation then
  health.message = "Waiting for vmcp-operator to see the last change"
  return health
end
if status.conditions ~= nil then
  for _, condition in ipairs(status.conditions) do
    if condition.type == "ModeTransition" and condition.status == "True" then
      health.message = condition.message
      return health
    end
  end
end
health.message = status.message
if status.phase == "Ready" then
  health.status = "Healthy"
elseif status.phase == "Degraded" or status.phase == "Failed" then
  health.status = "Degraded"
end
return health
